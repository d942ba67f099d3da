CREATE TABLE "overture"."run_executions" (
	"sequence" bigint GENERATED ALWAYS AS IDENTITY (sequence name "overture"."run_executions_sequence_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" text NOT NULL,
	"execution_id" text NOT NULL,
	"cause" text NOT NULL,
	"ended" text,
	"noticed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "run_executions_run_id_execution_id_pk" PRIMARY KEY("run_id","execution_id"),
	CONSTRAINT "run_executions_cause" CHECK (cause in ('started', 'continued', 'reset'))
);
--> statement-breakpoint
ALTER TABLE "overture"."runs" DROP CONSTRAINT "runs_state";--> statement-breakpoint
ALTER TABLE "overture"."runs" ADD COLUMN "ended_by" text;--> statement-breakpoint
ALTER TABLE "overture"."runs" ADD COLUMN "namespace_id" text;--> statement-breakpoint
ALTER TABLE "overture"."runs" ADD COLUMN "execution_id" text;--> statement-breakpoint
ALTER TABLE "overture"."run_executions" ADD CONSTRAINT "run_executions_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "overture"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overture"."runs" ADD CONSTRAINT "runs_state" CHECK (state in ('running', 'completed', 'failed', 'cancelled', 'terminated', 'timedOut', 'deleted'));