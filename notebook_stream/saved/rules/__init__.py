"""What our Markdown has beyond CommonMark and tables, as rules of markdown-it: the page's own, ported."""
