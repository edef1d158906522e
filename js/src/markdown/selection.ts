// A node comes in; whether the reader has selected something in it goes out: what he has selected must not be
// replaced under his hand.

/** Whether a selection reaches into `node`. */
export function isSelected(node: Node): boolean {
  const root = node.getRootNode() as Node & { getSelection?: () => Selection | null };
  // Chromium shows what is selected in a shadow tree only by a method of that tree; other browsers by the document's.
  const selection = root.getSelection?.() ?? document.getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return false;
  return selection.getRangeAt(0).intersectsNode(node);
}
