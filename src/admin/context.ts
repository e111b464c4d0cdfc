import type { CallOptions } from '../model/call.js';

/** Roles, each holding the rights of those before it. */
export const ROLES = ['reader', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
}

/** What a resolver of the static API finds in the context of a request. */
export interface AdminContext {
  readonly principal: Principal;
  /** Passed on to every upstream call that the request causes. */
  readonly call: CallOptions;
}

/** Tells whether a principal may do what needs `role`. */
export function isAllowed(principal: Principal, role: Role): boolean {
  return ROLES.indexOf(principal.role) >= ROLES.indexOf(role);
}
