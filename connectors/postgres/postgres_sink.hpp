#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/postgres/row_options.hpp>
#include <leat/connectors/sink.hpp>

#include <functional>
#include <memory>
#include <string>

namespace leat {

/// A place in a transaction at which a test may end the process.
enum class pg_point {
  begun,     ///< nothing is written yet
  written,   ///< all rows and the marker are, nothing is committed
  committed, ///< the server has said so
};

struct postgres_sink_options {
  row_options rows;
  bool creates_table = false;             ///< where it is not there
  bool exactly_once = false;              ///< markers are needed
  std::function<void(pg_point)> passes{}; ///< for tests: is told of each, on threads of the sink's
};

/// Writes records as rows of a table of PostgreSQL: at least once, or with checkpoints exactly once (`transactional_writer`).
///
/// Rows go in batches: one statement, with an array for each column, for thousands of them. A row that the server refuses
/// (a constraint, a number out of range) becomes a dead letter with the server's message in `leat_dead_letters`, in the same
/// transaction; the others are committed. A server that is away is waited for without limit, a transaction that lost against
/// others is done again; a missing table, column or permission ends the job.
///
/// At least once, rows may be written again after a failure: an upsert leaves the same table then, an insert has them twice.
/// Exactly once, the rows between two checkpoints and their marker, in `leat_epochs`, are one transaction.
///
/// Both tables of Leat's own lie in the schema of the sink's table and are made when they are missing.
///
/// Settings: `postgres.*`. Metric: `bytes_out` of each writer.
class postgres_sink final : public sink {
public:
  postgres_sink(postgres_sink_options options, const schema& of);
  ~postgres_sink() override;

  void open(const connector_context& context) override;
  std::unique_ptr<sink_writer> make_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override;
  std::unique_ptr<transactional_writer>
  make_transactional_writer(std::uint32_t instance, std::uint32_t parallelism, waker wake) override;
  [[nodiscard]] std::string dead_letters_in() const override;

private:
  struct opened;

  const postgres_sink_options options_;
  const schema& schema_;
  std::unique_ptr<opened> opened_; // set by open
};

} // namespace leat
