"""Trust: the rules by which facts about neighbours are counted, and a page of their own facts that somebody may show.

Words: a reading key is one fact; a showing is the page of somebody's keys, for whoever was given its address.
"""
