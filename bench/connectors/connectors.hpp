#pragma once

#include <leat/bench/bench_report.hpp>

/// The parts of `bench connectors`.
namespace leat::bench {

/// JSON, Avro and Protobuf on one core.
void report_formats(bench_report& report);

/// Protobuf into described structs beside the library's own classes.
void report_protobuf_library(bench_report& report);

/// Upserts into PostgreSQL beside a loop on libpq.
void report_postgres(bench_report& report);

} // namespace leat::bench
