#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/postgres/reading/table_query.hpp>
#include <leat/connectors/source.hpp>

#include <memory>
#include <string>
#include <vector>

namespace leat {

/// Reads the rows of a table of PostgreSQL as records, each member from the column of its name, and ends. The table is one partition, whose
/// position is the number of rows that were read.
///
/// It is read page by page, in the order of a unique key: each page is a transaction of its own, which begins behind the last key of the
/// one before. A row counts as it is when its page is read. Of those that come or go meanwhile, the ones behind the place that the source
/// has reached are seen or missed accordingly, the ones before it are not; a row whose key changes may be read twice or never.
///
/// A job that goes on from a checkpoint reads on behind the last key that counted, also when that row is gone. The
/// checkpoint of another table, key or condition is refused. Without one each run reads all.
///
/// A server that is away is waited for, once the job has started. What does not fit its member becomes a dead letter, with the row as JSON.
///
/// Settings: `postgres.connection`, `postgres.password-file`, `postgres.page-rows`, `postgres.page-bytes`, `time.max-past`,
/// `time.max-future`. Metric: `bytes_in`.
class postgres_source final : public source {
public:
  /// @param of outlives the source. @param event_time none: the time of reading is the event time.
  postgres_source(table_options options, const schema& of, std::shared_ptr<const timestamp_assigner> event_time);
  ~postgres_source() override;

  std::vector<partition> open(const connector_context& context) override;
  std::unique_ptr<partition_reader>
  make_reader(const partition& which, std::optional<std::int64_t> from, waker wake) override;
  [[nodiscard]] std::shared_ptr<const timestamp_assigner> event_times() const override { return event_time_; }
  [[nodiscard]] bool timed_by_reading() const override { return !event_time_; }

private:
  struct opened;

  const table_options options_;
  const schema& schema_;
  const std::shared_ptr<const timestamp_assigner> event_time_;
  std::unique_ptr<opened> opened_; // set by open
};

} // namespace leat
