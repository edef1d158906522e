"""TeX as the text has it comes in; whether the host's MathJax may set it goes out.

MathJax is not ours, differs from host to host, and can link, load packages, put classes and ids on the page,
and keep definitions for all formulas after. So only what is known to draw, and nothing else, may reach it. A
formula with anything else in it is shown as its source.
"""

from __future__ import annotations

import re

# What LaTeX, amsmath and amssymb have, and MathJax 2, 3 and 4 know without loading anything. Not among them:
# what defines (\def, \newcommand, \let), links or labels (\href, \label, \ref, \tag), loads (\require),
# styles (\class, \style, \bbox), lifts or sizes by any length (\raise, \rule), escapes (\unicode, \char,
# \verb) or branches.
_DRAWING = """
alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi
omicron pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega digamma Gamma Delta Theta
Lambda Xi Pi Sigma Upsilon Phi Psi Omega varGamma varDelta varTheta varLambda varXi varPi varSigma
varUpsilon varPhi varPsi varOmega aleph beth gimel daleth hbar hslash imath jmath ell wp Re Im partial
infty prime backprime emptyset varnothing nabla surd top bot angle measuredangle sphericalangle triangle
forall exists nexists neg lnot flat natural sharp clubsuit diamondsuit heartsuit spadesuit mho eth Finv
Game Bbbk complement diagup diagdown bigstar checkmark circledR circledS yen maltese dag ddag dagger
ddagger S P copyright pounds ldots cdots vdots ddots dots dotsb dotsc dotsi dotsm dotso colon ast star
cdot cdotp ldotp circ bullet bigcirc diamond times div pm mp cap cup uplus sqcap sqcup vee lor wedge land
setminus smallsetminus wr amalg oplus ominus otimes oslash odot bigtriangleup bigtriangledown triangleleft
triangleright lhd rhd unlhd unrhd dotplus ltimes rtimes leftthreetimes rightthreetimes Cap Cup doublecap
doublecup barwedge veebar doublebarwedge boxminus boxplus boxtimes boxdot circleddash circledast
circledcirc centerdot intercal divideontimes curlywedge curlyvee leq le geq ge neq ne equiv prec succ
preceq succeq sim simeq ll gg asymp approx cong doteq propto subset supset subseteq supseteq sqsubset
sqsupset sqsubseteq sqsupseteq in ni notin owns vdash dashv models perp mid nmid parallel nparallel bowtie
Join smile frown leqq leqslant geqq geqslant eqslantless eqslantgtr lesssim gtrsim lessapprox gtrapprox
approxeq lessdot gtrdot lll llless ggg gggtr lessgtr gtrless lesseqgtr gtreqless lesseqqgtr gtreqqless
doteqdot Doteq risingdotseq fallingdotseq backsim backsimeq subseteqq supseteqq Subset Supset preccurlyeq
succcurlyeq curlyeqprec curlyeqsucc precsim succsim precapprox succapprox vartriangleleft vartriangleright
trianglelefteq trianglerighteq vDash Vdash Vvdash smallsmile smallfrown shortmid shortparallel bumpeq
Bumpeq between pitchfork varpropto blacktriangleleft blacktriangleright blacktriangle blacktriangledown
vartriangle triangledown triangleq therefore because backepsilon eqcirc circeq thicksim thickapprox square
Box blacksquare lozenge Diamond blacklozenge nless ngtr nleq ngeq nleqslant ngeqslant nleqq ngeqq lneq
gneq lneqq gneqq lnsim gnsim lnapprox gnapprox nprec nsucc npreceq nsucceq precneqq succneqq precnsim
succnsim nsim ncong nshortmid nshortparallel nvdash nvDash nVdash nVDash ntriangleleft ntriangleright
ntrianglelefteq ntrianglerighteq nsubseteq nsupseteq nsubseteqq nsupseteqq subsetneq supsetneq subsetneqq
supsetneqq not gets to leftarrow rightarrow Leftarrow Rightarrow leftrightarrow Leftrightarrow mapsto
hookleftarrow hookrightarrow leftharpoonup leftharpoondown rightharpoonup rightharpoondown
rightleftharpoons leftrightharpoons longleftarrow longrightarrow Longleftarrow Longrightarrow
longleftrightarrow Longleftrightarrow longmapsto leadsto uparrow downarrow updownarrow Uparrow Downarrow
Updownarrow nearrow searrow swarrow nwarrow iff implies impliedby dashleftarrow dashrightarrow
leftleftarrows rightrightarrows leftrightarrows rightleftarrows Lleftarrow Rrightarrow twoheadleftarrow
twoheadrightarrow leftarrowtail rightarrowtail looparrowleft looparrowright curvearrowleft curvearrowright
circlearrowleft circlearrowright Lsh Rsh upuparrows downdownarrows upharpoonleft upharpoonright
downharpoonleft downharpoonright rightsquigarrow leftrightsquigarrow multimap nleftarrow nrightarrow
nLeftarrow nRightarrow nleftrightarrow nLeftrightarrow xleftarrow xrightarrow sum prod coprod int iint
iiint iiiint idotsint oint bigcap bigcup bigsqcup bigvee bigwedge bigodot bigotimes bigoplus biguplus
smallint intop limits nolimits arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf
injlim ker lg lim liminf limsup ln log max min Pr projlim sec sin sinh sup tan tanh varinjlim varliminf
varlimsup varprojlim bmod pmod mod pod operatorname frac dfrac tfrac cfrac binom dbinom tbinom over choose
atop sqrt root of overline underline overbrace underbrace overrightarrow overleftarrow overleftrightarrow
underrightarrow underleftarrow underleftrightarrow widehat widetilde hat check breve acute grave tilde bar
vec dot ddot dddot ddddot mathring stackrel overset underset sideset substack boxed left right middle big
Big bigg Bigg bigl Bigl biggl Biggl bigm Bigm biggm Biggm bigr Bigr biggr Biggr langle rangle lfloor
rfloor lceil rceil lbrace rbrace lbrack rbrack vert Vert lvert rvert lVert rVert backslash lgroup rgroup
lmoustache rmoustache ulcorner urcorner llcorner lrcorner mathrm mathbf mathit mathsf mathtt mathcal
mathfrak mathbb mathscr mathnormal boldsymbol bf rm it sf tt cal scr frak Bbb text textrm textbf textit
textsf texttt textnormal mbox mathord mathop mathbin mathrel mathopen mathclose mathpunct mathinner
displaystyle textstyle scriptstyle scriptscriptstyle quad qquad enspace thinspace negthinspace cr hline
begin end color textcolor nonumber notag phantom hphantom vphantom smash lt gt
"""
_NAMES = frozenset(_DRAWING.split())
_ARRANGING = """
matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix array cases aligned alignedat gathered split
align align* alignat alignat* gather gather* equation equation* multline multline* subarray
"""
_ENVIRONMENTS = frozenset(_ARRANGING.split())
_SYMBOLS = frozenset("\\,;:!{}|>#$%&_ \n")
"""What may stand behind a backslash alone."""

_COMMAND = re.compile(r"\\([A-Za-z]+|[\s\S]|$)")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*(?:\{\s*([a-zA-Z]+\*?)\s*\})?")
_COLOR = re.compile(r"\\(?:text)?color\s*(\{\s*[A-Za-z]{2,20}\s*\})?")
# "\\[1000em]" is a row's distance.
_DISTANCE = re.compile(r"\\\\\s*\*?\s*\[\s*(?!-?\d?(?:\.\d*)?\s*(?:em|ex|pt|mu|mm)\s*\])")
MAX_TEX = 10_000
MAX_BRACES = 60
"""Braces within braces: a setter that calls itself for each would run out of stack."""


def is_safe(tex: str) -> bool:
    """Whether it draws and does nothing else, as far as can be told without setting it."""
    if len(tex) > MAX_TEX or "^^" in tex or not _is_balanced(tex):
        return False
    commands = _COMMAND.findall(tex)
    if not all(name in _NAMES or name in _SYMBOLS for name in commands):
        return False
    environments = [match[1] for match in _ENVIRONMENT.finditer(tex)]
    colors = [match[1] for match in _COLOR.finditer(tex)]
    return all(name in _ENVIRONMENTS for name in environments) and all(colors) and not _DISTANCE.search(tex)


def _is_balanced(tex: str) -> bool:
    """Braces close what they open: MathJax looks for the closing mark outside of them."""
    depth = 0
    for match in re.finditer(r"\\[\s\S]|[{}]", tex):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if not 0 <= depth <= MAX_BRACES:
            return False
    return depth == 0
