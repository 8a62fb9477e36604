#include <leat/connectors/postgres/row_store.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/postgres/row_batch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

namespace leat {

namespace {

/// How many of the rows one statement may take, at least one.
std::size_t portion_of(std::span<const std::string_view> rows) {
  std::size_t count = 0, bytes = 0;
  while (count < rows.size() && count < row_store::most_rows &&
         (count == 0 || bytes + rows[count].size() <= row_store::most_bytes))
    bytes += rows[count++].size();
  return count;
}

/// As PostgreSQL reads bytes that come as text: `\x6869`.
std::optional<std::string> bytea_text(const std::optional<std::string>& bytes) {
  return bytes ? std::optional{hexadecimal(*bytes)} : std::nullopt;
}

} // namespace

std::uint64_t row_store::write(
  pqxx::transaction_base& in, const row_layout& layout, std::span<const std::string_view> rows, bool careful) {
  std::uint64_t refused = 0;
  while (!rows.empty()) {
    const auto portion = rows.first(portion_of(rows));
    if (careful)
      refused += write_carefully(in, layout, portion);
    else
      write_at_once(in, layout, portion);
    rows = rows.subspan(portion.size());
  }
  return refused;
}

/// In halves, until what is refused is one row.
std::uint64_t
row_store::write_carefully(pqxx::transaction_base& in, const row_layout& layout, std::span<const std::string_view> rows) {
  try {
    in.exec("SAVEPOINT leat_rows");
    write_at_once(in, layout, rows);
    in.exec("RELEASE SAVEPOINT leat_rows");
    return 0;
  } catch (const pqxx::sql_error& e) {
    if (failure_of(e) != pg_failure::row)
      throw;
    in.exec("ROLLBACK TO SAVEPOINT leat_rows");
    if (rows.size() == 1) {
      dead_letter letter;
      letter.reason = fmt::format("{} refuses the row: {} ({})", layout.table, one_line(e), e.sqlstate());
      letter.step = with_.step;
      letter.topic = layout.table;
      letter.time = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
      letter.payload = row_as_json(layout, rows.front());
      auto logged = letter; // a detail may hold the whole row
      logged.reason.resize(std::min(logged.reason.size(), logged.reason.find("; DETAIL")));
      refusals_.add(logged, with_.writes_letters, refusal_log::clock::now());
      write(in, letter);
      return 1;
    }
  }
  const auto half = rows.size() / 2;
  return write_carefully(in, layout, rows.first(half)) + write_carefully(in, layout, rows.subspan(half));
}

void row_store::write_at_once(
  pqxx::transaction_base& in, const row_layout& layout, std::span<const std::string_view> rows) {
  const auto chosen = distinct(layout, rows);
  if (!chosen.kept.empty())
    through_.execute(in, insert_statement(layout), arrays_to_insert(layout, chosen.kept));
  if (!chosen.removed.empty())
    through_.execute(in, delete_statement(layout), arrays_to_delete(layout, chosen.removed));
}

void row_store::write(pqxx::transaction_base& in, const dead_letter& letter) const {
  if (!with_.writes_letters)
    return;
  const auto key = bytea_text(letter.key), payload = bytea_text(letter.payload);
  in.exec_params(
    fmt::format(
      "INSERT INTO {} (time, job, step, reason, topic, partition, \"offset\", key, payload) "
      "VALUES (to_timestamp($1::float8 / 1000), $2, $3, $4, $5, $6, $7, $8::bytea, $9::bytea)",
      with_.tables.letters()),
    to_millis(letter.time), with_.job, letter.step, letter.reason, letter.topic, letter.partition, letter.offset,
    key ? key->c_str() : nullptr, payload ? payload->c_str() : nullptr);
}

void make_own_tables(pqxx::transaction_base& in, const pg_own_tables& tables, bool exactly_once, bool letters) {
  const auto missing = [&](const std::string& table) {
    return in.exec_params("SELECT to_regclass($1) IS NULL", table)[0][0].as<bool>();
  };
  // One at a time: two that make a table at the same moment fail, whatever IF NOT EXISTS says.
  in.exec_params("SELECT pg_advisory_xact_lock(hashtext($1))", tables.epochs());
  if (exactly_once && missing(tables.epochs()))
    in.exec(fmt::format(
      "CREATE TABLE {} (job text, step text, shard int, epoch bigint, owner text NOT NULL, backend int NOT NULL, "
      "backend_start timestamptz NOT NULL, written timestamptz, PRIMARY KEY (job, step, shard))",
      tables.epochs()));
  if (letters && missing(tables.letters()))
    in.exec(fmt::format(
      "CREATE TABLE {} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, time timestamptz NOT NULL, job text NOT NULL, "
      "step text NOT NULL, reason text NOT NULL, topic text NOT NULL, partition int NOT NULL, \"offset\" bigint NOT NULL, "
      "key bytea, "
      "payload bytea)",
      tables.letters()));
}

} // namespace leat
