CREATE TABLE "overture"."stage_controls" (
	"id" uuid PRIMARY KEY NOT NULL,
	"sequence" bigint GENERATED ALWAYS AS IDENTITY (sequence name "overture"."stage_controls_sequence_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" text NOT NULL,
	"node" text NOT NULL,
	"action" json NOT NULL,
	"by" text,
	"asked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"applied_to" text,
	"step" integer,
	"changes_result" boolean,
	"applied_at" timestamp with time zone,
	CONSTRAINT "stage_controls_applied" CHECK (num_nulls(applied_to, step, changes_result, applied_at) in (0, 4))
);
--> statement-breakpoint
ALTER TABLE "overture"."stage_executions" ADD COLUMN "controls" json;--> statement-breakpoint
ALTER TABLE "overture"."stage_controls" ADD CONSTRAINT "stage_controls_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "overture"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "stage_controls_of_node" ON "overture"."stage_controls" USING btree ("run_id","node","sequence");