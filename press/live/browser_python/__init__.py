"""What is particular to the Python of a browser (Pyodide): the kernel of the pages' cells, and what JupyterLite adds.

It lies beside dlcourse in the archive that both load.
"""
