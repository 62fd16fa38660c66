"""From sound and keys to commands: the Vosk ear, its policy, the keyboard ear, and the models they need.

Rule: everything here ends in ``Heard`` events; it knows the vocabulary of ``core.events`` and the ``ports``, never the
session, and never the insides of ``speech`` or ``audio``.
"""
