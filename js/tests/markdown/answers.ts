// Answers as models write them: what the tests of half-typed text are fed with, character by character.

const EXPLAINS = `# How server-sent events work

Server-sent events (**SSE**) let a server push *text* to a page over one \`HTTP\` response. Three things matter:

1. **The content type** is \`text/event-stream\`; see the [standard](https://html.spec.whatwg.org/multipage/server-sent-events.html "HTML").
2. **Fields** come line by line: \`data:\`, \`event:\`, \`id:\` and \`retry:\`.
   - A line that begins with \`:\` is a comment.
   - An empty line *ends* the event -- nothing is dispatched before it.
3. **Reconnection** is automatic (but not for \`204\`).

> **Note:** proxies may buffer.
> Set \`X-Accel-Buffering: no\`, or use *chunked* encoding.

\`\`\`python
import httpx

with httpx.stream("GET", url) as response:
    for line in response.iter_lines():
        print(line)  # "data: ..."
\`\`\`

| Field | Meaning | Default |
|:------|:-------:|--------:|
| \`data\` | the *payload* | none |
| \`retry\` | wait, in ms | 3000 |

---

So it costs about $5 and takes 2-3 hours; arr[0] and x_1 * y_2 stay as they are. [^1] Is a < b? Yes & no!
`;

const COMPUTES = `## The Gaussian integral

We want $I = \\int_{-\\infty}^{\\infty} e^{-x^2}\\,dx$. Square it:

$$
I^2 = \\int\\!\\!\\int e^{-(x^2 + y^2)}\\,dx\\,dy
    = \\int_0^{2\\pi}\\!\\int_0^\\infty e^{-r^2} r\\,dr\\,d\\theta
$$

With \\(u = r^2\\) the inner integral is \\(\\tfrac{1}{2}\\), so

\\[
I^2 = 2\\pi \\cdot \\frac{1}{2} = \\pi
\\]

and therefore **$I = \\sqrt{\\pi}$**. In general, for $a > 0$:

- $\\int e^{-a x^2} dx = \\sqrt{\\pi / a}$
- the moments are $\\mathbb{E}[x^{2n}] = \\frac{(2n-1)!!}{(2a)^n}$, *if* they exist
`;

const CHINESE = `### 总结

这是**重点**：其中$x$是变量，参见[文档](https://example.com/docs)。价格大约$5左右。

1. **第一步**：安装 \`pip install foo\`；
2. **第二步**：运行*示例*。

名称 | 说明
--- | ---
\`a\` | 第一个
\`b\` | **第二个**

~~旧的方法~~不再推荐。
`;

const LISTS = `Here is a checklist:

- [x] Write the parser
- [ ] Test it
  - every prefix
  - \`by character\`
    1. nested *numbers*
    2. more
- [ ] Ship it

Then, in a list:

* **Setup** — run this:

  \`\`\`bash
  export PATH=$HOME/bin:$PATH
  echo "$$"
  \`\`\`

* **Check**:

  | a | b |
  |---|---|
  | 1 | 2 |

* **Links**: <https://example.com/a_b>, [one][ref] and ![a picture](https://example.com/i.png)

Setext heading
--------------

Done\\*. &copy; 2026 &mdash; that is all.

[ref]: https://example.com/ref
`;

export const answers: Readonly<Record<string, string>> = { EXPLAINS, COMPUTES, CHINESE, LISTS };
