CREATE TABLE "overture"."stage_leases" (
	"cache_key" text PRIMARY KEY NOT NULL,
	"token" uuid NOT NULL,
	"run_id" text NOT NULL,
	"node" text NOT NULL,
	"activity_id" text NOT NULL,
	"attempt" integer NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "overture"."stage_executions" ADD COLUMN "environment" json;--> statement-breakpoint
CREATE INDEX "stage_executions_of_stage" ON "overture"."stage_executions" USING btree ("stage","node","sequence") WHERE state <> 'failed';