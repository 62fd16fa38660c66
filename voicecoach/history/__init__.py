"""What the sessions so far come to: tables, plots and a page that is read in a minute.

Rule: it shows reports (``core/report``) and never a session. It says of every figure what it is: coached, not measured;
pain as it was put. What is not known is a gap, never a nought.
"""
