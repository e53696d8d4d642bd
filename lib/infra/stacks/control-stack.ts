import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ControlTable } from '../constructs/control-table.ts';

export interface ControlStackProps extends StackProps {
  readonly tableName: string;
}

/** What a gateway's two regions share, best in a third one: who decides must outlive what it decides about. */
export class ControlStack extends Stack {
  constructor(scope: Construct, id: string, { tableName, ...props }: ControlStackProps) {
    super(scope, id, props);
    const { table } = new ControlTable(this, 'Control', { tableName });
    new CfnOutput(this, 'ControlTableName', { value: table.tableName });
  }
}
