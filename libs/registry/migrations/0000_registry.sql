CREATE SCHEMA "overture";
--> statement-breakpoint
CREATE TABLE "overture"."aliases" (
	"model" text NOT NULL,
	"alias" text NOT NULL,
	"version" integer NOT NULL,
	"set_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "aliases_model_alias_pk" PRIMARY KEY("model","alias")
);
--> statement-breakpoint
CREATE TABLE "overture"."artifacts" (
	"digest" text NOT NULL,
	"kind" text NOT NULL,
	"bytes" bigint NOT NULL,
	"first_seen" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "artifacts_digest_kind_pk" PRIMARY KEY("digest","kind")
);
--> statement-breakpoint
CREATE TABLE "overture"."lineage" (
	"execution_id" uuid NOT NULL,
	"direction" text NOT NULL,
	"name" text NOT NULL,
	"digest" text NOT NULL,
	"kind" text NOT NULL,
	CONSTRAINT "lineage_execution_id_direction_name_pk" PRIMARY KEY("execution_id","direction","name"),
	CONSTRAINT "lineage_direction" CHECK (direction in ('input', 'output'))
);
--> statement-breakpoint
CREATE TABLE "overture"."metrics" (
	"run_id" text NOT NULL,
	"scope" text NOT NULL,
	"name" text NOT NULL,
	"step" integer NOT NULL,
	"value" double precision NOT NULL,
	CONSTRAINT "metrics_run_id_scope_name_step_pk" PRIMARY KEY("run_id","scope","name","step")
);
--> statement-breakpoint
CREATE TABLE "overture"."model_versions" (
	"model" text NOT NULL,
	"version" integer NOT NULL,
	"bundle_digest" text NOT NULL,
	"bundle_kind" text NOT NULL,
	"bundle_bytes" bigint NOT NULL,
	"report_digest" text,
	"report_kind" text,
	"report_bytes" bigint,
	"run_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "model_versions_model_version_pk" PRIMARY KEY("model","version"),
	CONSTRAINT "model_versions_bundle" UNIQUE("model","bundle_digest"),
	CONSTRAINT "model_versions_positive" CHECK (version >= 1)
);
--> statement-breakpoint
CREATE TABLE "overture"."models" (
	"name" text PRIMARY KEY NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "overture"."runs" (
	"id" text PRIMARY KEY NOT NULL,
	"workflow" text NOT NULL,
	"workflow_id" text NOT NULL,
	"temporal_run_id" text NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"input" json NOT NULL,
	"result" json,
	"error" json,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "runs_state" CHECK (state in ('running', 'completed', 'failed', 'cancelled')),
	CONSTRAINT "runs_finished" CHECK ((state = 'running') = (finished_at is null))
);
--> statement-breakpoint
CREATE TABLE "overture"."stage_executions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"sequence" bigint GENERATED ALWAYS AS IDENTITY (sequence name "overture"."stage_executions_sequence_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" text NOT NULL,
	"node" text NOT NULL,
	"stage" text NOT NULL,
	"version" integer NOT NULL,
	"cache_key" text,
	"fingerprint" json,
	"state" text NOT NULL,
	"input" json NOT NULL,
	"outputs" json,
	"error" json,
	"reused_from" uuid,
	"activity_id" text NOT NULL,
	"attempt" integer NOT NULL,
	"duration_ms" double precision NOT NULL,
	"recorded_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "stage_executions_state" CHECK (state in ('ran', 'reused', 'failed')),
	CONSTRAINT "stage_executions_outcome" CHECK (case when state = 'failed' then error is not null else outputs is not null and cache_key is not null end)
);
--> statement-breakpoint
ALTER TABLE "overture"."aliases" ADD CONSTRAINT "aliases_version" FOREIGN KEY ("model","version") REFERENCES "overture"."model_versions"("model","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overture"."lineage" ADD CONSTRAINT "lineage_execution_id_stage_executions_id_fk" FOREIGN KEY ("execution_id") REFERENCES "overture"."stage_executions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overture"."lineage" ADD CONSTRAINT "lineage_artifact" FOREIGN KEY ("digest","kind") REFERENCES "overture"."artifacts"("digest","kind") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overture"."metrics" ADD CONSTRAINT "metrics_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "overture"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overture"."model_versions" ADD CONSTRAINT "model_versions_model_models_name_fk" FOREIGN KEY ("model") REFERENCES "overture"."models"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overture"."model_versions" ADD CONSTRAINT "model_versions_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "overture"."runs"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overture"."stage_executions" ADD CONSTRAINT "stage_executions_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "overture"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overture"."stage_executions" ADD CONSTRAINT "stage_executions_reused_from" FOREIGN KEY ("reused_from") REFERENCES "overture"."stage_executions"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "lineage_of_artifact" ON "overture"."lineage" USING btree ("digest","direction");--> statement-breakpoint
CREATE INDEX "metrics_by_name" ON "overture"."metrics" USING btree ("name","scope");--> statement-breakpoint
CREATE INDEX "model_versions_of_run" ON "overture"."model_versions" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "runs_newest" ON "overture"."runs" USING btree ("started_at","id");--> statement-breakpoint
CREATE INDEX "runs_by_workflow_id" ON "overture"."runs" USING btree ("workflow_id","started_at");--> statement-breakpoint
CREATE INDEX "runs_by_temporal_run_id" ON "overture"."runs" USING btree ("temporal_run_id");--> statement-breakpoint
CREATE UNIQUE INDEX "stage_executions_success" ON "overture"."stage_executions" USING btree ("run_id","node","cache_key") WHERE state <> 'failed';--> statement-breakpoint
CREATE UNIQUE INDEX "stage_executions_failure" ON "overture"."stage_executions" USING btree ("run_id","node","activity_id","attempt") WHERE state = 'failed';--> statement-breakpoint
CREATE INDEX "stage_executions_reusable" ON "overture"."stage_executions" USING btree ("cache_key","sequence") WHERE state = 'ran';--> statement-breakpoint
CREATE INDEX "stage_executions_of_run" ON "overture"."stage_executions" USING btree ("run_id","sequence");