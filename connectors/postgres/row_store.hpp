#pragma once

#include <leat/connectors/postgres/pg_transactions.hpp>
#include <leat/connectors/postgres/row_layout.hpp>
#include <leat/connectors/refusal_log.hpp>
#include <leat/messages/dead_letter.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Names of the tables of Leat's own, which lie in the schema of a sink's table.
struct pg_own_tables {
  std::string schema; ///< quoted

  [[nodiscard]] std::string epochs() const { return schema + ".leat_epochs"; }
  [[nodiscard]] std::string letters() const { return schema + ".leat_dead_letters"; }
};

/// Writes rows and dead letters in transactions that somebody else ends.
class row_store {
public:
  /// Rows and bytes of one statement: more cost memory on the server, and save nothing.
  static constexpr std::size_t most_rows = 5'000;
  static constexpr std::size_t most_bytes = 4'000'000;

  struct parts {
    std::string job;
    std::string step;
    pg_own_tables tables;
    bool writes_letters = true;
    metrics* notes = nullptr; ///< why the first row was refused
  };

  /// @param through outlives it.
  row_store(pg_transactions& through, parts with)
    : through_{through}, with_{std::move(with)}, refusals_{"sink", with_.step, with_.notes} {}

  /// Writes rows, in order. @param careful finds out which row the server refuses: it becomes a dead letter in the same
  /// transaction. Otherwise that is an error.
  /// @returns how many were refused. @throws pqxx::failure, state_error.
  std::uint64_t
  write(pqxx::transaction_base& in, const row_layout& layout, std::span<const std::string_view> rows, bool careful);

  void write(pqxx::transaction_base& in, const dead_letter& letter) const;

private:
  std::uint64_t
  write_carefully(pqxx::transaction_base& in, const row_layout& layout, std::span<const std::string_view> rows);
  void write_at_once(pqxx::transaction_base& in, const row_layout& layout, std::span<const std::string_view> rows);

  pg_transactions& through_;
  const parts with_;
  refusal_log refusals_;
};

/// Makes Leat's own tables, where they are not there. @param exactly_once also the one for markers.
void make_own_tables(pqxx::transaction_base& in, const pg_own_tables& tables, bool exactly_once, bool letters);

} // namespace leat
