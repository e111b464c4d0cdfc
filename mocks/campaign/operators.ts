import { accessDenied } from './errors.js';

/** Who is logged on, with the named rights that he had when he logged on. */
export interface Operator {
  readonly id: number;
  readonly login: string;
  readonly label: string;
  /** Names of named rights; `admin` stands for all of them. */
  readonly rights: readonly string[];
}

/** An operator as a tester gives it. */
export interface OperatorAccount {
  readonly login: string;
  readonly password: string;
  readonly rights: readonly string[];
  /** Default the login. */
  readonly label?: string;
}

/** An operator and what he logs on with. */
export interface KnownOperator extends Operator {
  readonly password: string;
}

/** The administrator that every instance starts with; the password is `admin` too. */
export const ADMIN: KnownOperator = {
  id: 1059,
  login: 'admin',
  password: 'admin',
  label: 'Administrator',
  rights: ['admin'],
};

/** Who may log on at the start. Beside the administrator, one who runs workflows and imports, and one who may only read and write profiles. */
export const READY_MADE_OPERATORS: readonly KnownOperator[] = [
  ADMIN,
  {
    id: 1071,
    login: 'workflow',
    password: 'workflow',
    label: 'Workflow operator',
    rights: ['workflow', 'import', 'export'],
  },
  { id: 1072, login: 'profiles', password: 'profiles', label: 'Profile operator', rights: [] },
];

/** Ids of operators that testers add. */
const FIRST_ADDED_ID = 1_100;

/**
 * The operators of an instance, their passwords and named rights.
 * https://experienceleague.adobe.com/docs/campaign-classic/using/getting-started/administration-basics/access-management/access-management-named-rights.html
 */
export class Operators {
  private readonly byLogin: Map<string, KnownOperator>;

  constructor(known: readonly KnownOperator[] = READY_MADE_OPERATORS) {
    this.byLogin = new Map(known.map((operator) => [operator.login, operator]));
  }

  /** Adds an operator, or gives one that is known another password and other rights. */
  add({ login, password, rights, label = login }: OperatorAccount): void {
    const ids = [...this.byLogin.values()].map((operator) => operator.id + 1);
    const id = this.byLogin.get(login)?.id ?? Math.max(FIRST_ADDED_ID, ...ids);
    this.byLogin.set(login, { id, login, password, label, rights });
  }

  /** The operator of this password, or undefined. */
  authenticate(login: string, password: string): Operator | undefined {
    const operator = this.byLogin.get(login);
    return operator?.password === password ? operator : undefined;
  }

  /** Tells whether the old password was right. */
  changePassword({ login }: Operator, oldPassword: string, newPassword: string): boolean {
    const operator = this.byLogin.get(login);
    if (operator?.password !== oldPassword) return false;
    this.byLogin.set(login, { ...operator, password: newPassword });
    return true;
  }

  all(): readonly KnownOperator[] {
    return [...this.byLogin.values()];
  }
}

/** The named right `admin` goes for every other. */
export function hasRight(operator: Operator, right: string): boolean {
  return operator.rights.includes('admin') || operator.rights.includes(right);
}

/** Refuses, as Campaign does, what an operator has no right to. `deed` says what: `write schemas`. */
export function assertRight(operator: Operator, right: string, deed: string): void {
  if (hasRight(operator, right)) return;
  throw accessDenied(`Operator '${operator.login}' needs the named right '${right}' to ${deed}.`);
}
