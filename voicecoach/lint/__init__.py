"""What is written correctly and is still hard to follow for somebody who lies on the floor with closed eyes.

Rule: reads what loading has accepted, and only says what it sees: nothing here changes or refuses a routine.
"""
