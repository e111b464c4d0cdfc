/** The two remotes that Isthmus joins. */
export type System = 'dynamics' | 'campaign';
