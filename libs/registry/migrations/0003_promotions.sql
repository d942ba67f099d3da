CREATE TABLE "overture"."promotions" (
	"run_id" text NOT NULL,
	"model" text NOT NULL,
	"alias" text NOT NULL,
	"version" integer NOT NULL,
	"previous" integer,
	"approved" boolean NOT NULL,
	"decided_by" text NOT NULL,
	"by" text,
	"reason" text,
	"evidence" json NOT NULL,
	"decided_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "promotions_run_id_model_alias_pk" PRIMARY KEY("run_id","model","alias"),
	CONSTRAINT "promotions_decided_by" CHECK (decided_by in ('rule', 'person'))
);
--> statement-breakpoint
ALTER TABLE "overture"."promotions" ADD CONSTRAINT "promotions_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "overture"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "overture"."promotions" ADD CONSTRAINT "promotions_version" FOREIGN KEY ("model","version") REFERENCES "overture"."model_versions"("model","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "promotions_of_model" ON "overture"."promotions" USING btree ("model","decided_at");