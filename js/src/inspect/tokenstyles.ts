// The look of the Tokens view, which is not here yet.
export const tokenStyles = "";
