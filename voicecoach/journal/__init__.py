"""The journal: what is kept of every session, so that it can be replayed, taken up again and learnt from.

Rule: it stands beside the session, never in its way. Whatever the disk does, a session plays on; a trouble is told.

``codec`` puts values into words, ``store`` is the file, ``writer`` the one thread that writes sessions, ``memory`` what
later sessions are told, ``replay`` makes a session of what is stored, ``keeper`` joins them for whoever plays one.
"""
