// The look of the Wire view as one CSS string.
export const wireStyles = "";
