"""What of others' texts and pictures can be shown.

characters         those that act, made visible
pictures           what a page shows as a picture
drawings           SVG, rebuilt
album              how many pictures a page shows
pictures_in_text   pictures where they stand in a text
"""
