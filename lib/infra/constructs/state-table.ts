import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { BACKFILL_CLAIMS, INDEXES, PARTITION, SORT, type SparseIndex, TTL } from '../../adapters/dynamodb/schema.ts';

/** Everything a region's routes know, in one table: records, the sparse indexes of what needs attention, totals, deletes a minute. */
export class StateTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: PARTITION, type: AttributeType.STRING },
      sortKey: { name: SORT, type: AttributeType.BINARY },
      billingMode: BillingMode.PAY_PER_REQUEST,
      // A key of KMS would add a request's price to the records' own: docs/security.md.
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: TTL,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const { name, shard, at, include } of Object.values(INDEXES)) {
      this.table.addGlobalSecondaryIndex({
        indexName: name,
        partitionKey: { name: shard, type: AttributeType.STRING },
        sortKey: { name: at, type: AttributeType.NUMBER },
        ...(include.length === 0
          ? { projectionType: ProjectionType.KEYS_ONLY }
          : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...include] }),
      });
    }
  }

  /** Reads and writes single records. */
  keepRecords(): PolicyStatement {
    return new PolicyStatement({ sid: 'KeepRecords', actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'], resources: [this.table.tableArn] });
  }

  /** Finds what needs attention, and what was counted. */
  findWork(): PolicyStatement {
    return new PolicyStatement({
      sid: 'FindWork',
      actions: ['dynamodb:Query', 'dynamodb:BatchGetItem'],
      resources: [this.table.tableArn, ...Object.values(INDEXES).map((index) => this.#indexArn(index))],
    });
  }

  /** Reads many records at once, and the ranges of a backfill. */
  readMany(): PolicyStatement {
    return new PolicyStatement({ sid: 'ReadMany', actions: ['dynamodb:Query', 'dynamodb:BatchGetItem'], resources: [this.table.tableArn] });
  }

  /** Finds what is overdue. */
  findDue(): PolicyStatement {
    return new PolicyStatement({ sid: 'FindDue', actions: ['dynamodb:Query'], resources: [this.#indexArn(INDEXES.due)] });
  }

  /** Learns which routes are paused. */
  readPauses(): PolicyStatement {
    return new PolicyStatement({ sid: 'ReadPauses', actions: ['dynamodb:GetItem'], resources: [this.table.tableArn] });
  }

  /** How far behind each route is, and whether its deletes are paused. */
  tellHowFar(): PolicyStatement {
    const indexes = [INDEXES.open, INDEXES.error].map((index) => this.#indexArn(index));
    return new PolicyStatement({ sid: 'TellHowFar', actions: ['dynamodb:Query'], resources: [this.table.tableArn, ...indexes] });
  }

  /** Writes down since when comparisons are expected of the clock, and nothing else. */
  expectComparisons(): PolicyStatement {
    return new PolicyStatement({
      sid: 'ExpectComparisons',
      actions: ['dynamodb:UpdateItem'],
      resources: [this.table.tableArn],
      conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [BACKFILL_CLAIMS] } },
    });
  }

  /** Ends a pause of a route's deletes. */
  resumeDeletes(): PolicyStatement {
    return new PolicyStatement({ sid: 'ResumeDeletes', actions: ['dynamodb:DeleteItem'], resources: [this.table.tableArn] });
  }

  #indexArn({ name }: SparseIndex): string {
    return Stack.of(this).formatArn({ service: 'dynamodb', resource: 'table', resourceName: `${this.table.tableName}/index/${name}` });
  }
}
