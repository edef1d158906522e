// Stands for uc.micro in the bundle: the browser knows what punctuation and symbols are.
export const P = /\p{P}/u;
export const S = /\p{S}/u;
