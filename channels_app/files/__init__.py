"""Files on disk: names, private storage, what a file really is, links. Nothing here writes to the database.

A file lies under MEDIA_ROOT by a random key that no URL shows. What it is, its content says, never its name
or the client's word. Only signed links lead to it.
"""
