import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { PARTITION, SORT, TTL } from '../../adapters/dynamodb/schema.ts';

export interface ControlTableProps {
  /** Known in advance: the functions of other regions name it. */
  readonly tableName: string;
}

/** What a gateway's functions agree by, and its audit trail. It stays when the stack goes, with the trail. */
export class ControlTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { tableName }: ControlTableProps) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      tableName,
      partitionKey: { name: PARTITION, type: AttributeType.STRING },
      sortKey: { name: SORT, type: AttributeType.BINARY },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: TTL,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  }
}
