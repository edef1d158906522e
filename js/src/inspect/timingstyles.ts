// The look of the Timing view, which is not here yet.
export const timingStyles = "";
