"""Speaking: engines that turn text into sound, a cache in front of them, the mixer and the chimes.

Rule: an engine only renders; nothing here opens a loudspeaker. Import the module you need: this one stays empty, so
that the child process which owns pyttsx3 starts without numpy.
"""
