import type { Workflow } from '../../model/workflow.js';
import { WorkflowEntity, type WorkflowRow } from '../entities/workflow.entity.js';
import { storableText } from '../storable.js';
import type { WorkflowRepository } from '../storage.js';
import type { UnitsOfWork } from '../units-of-work.js';
import { byName } from './by-name.js';

export class DatabaseWorkflows implements WorkflowRepository {
  constructor(private readonly units: UnitsOfWork) {}

  async list(): Promise<readonly Workflow[]> {
    const rows = await this.units.read((em) => em.find(WorkflowEntity, {}));
    return rows.map(toWorkflow).sort(byName);
  }

  async find(name: string): Promise<Workflow | null> {
    const row = await this.units.read((em) => em.findOne(WorkflowEntity, { name: storableText(name) }));
    return row && toWorkflow(row);
  }

  save(workflow: Workflow): Promise<Workflow> {
    const row = toWorkflow(workflow);
    return this.units.write(async (em) => {
      await em.upsert(WorkflowEntity, row);
      return row;
    });
  }

  async delete(name: string): Promise<boolean> {
    return (await this.units.write((em) => em.nativeDelete(WorkflowEntity, { name }))) > 0;
  }
}

function toWorkflow(row: Workflow | WorkflowRow): Workflow {
  const { name, account, operation, table, orderBy, automaticIndex, batchSize } = row;
  return {
    ...{ name, account, operation, table, orderBy, automaticIndex, batchSize },
    filter: row.filter ?? null,
    schedule: row.schedule ?? null,
    index: row.index ?? null,
  };
}
