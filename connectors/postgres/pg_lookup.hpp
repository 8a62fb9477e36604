#pragma once

#include <leat/base/schema.hpp>
#include <leat/base/settings.hpp>
#include <leat/connectors/formats/format.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace leat {

/// A query whose rows are looked up by one of its columns.
struct pg_query {
  std::string sql; ///< `SELECT id, name FROM customers`; no semicolon at its end
  std::string key; ///< the column, as SQL names it; an index of it makes lookups fast
};

/// What a key's row has come to.
struct pg_found {
  std::optional<std::string> row{}; ///< as JSON; none: there is no such row, or it failed
  decoder* reads = nullptr;         ///< makes a record of this row, during the answer
  std::string absence{};            ///< why there can be none: the column cannot hold such a key
  std::string failure{};            ///< why it is not known; empty: it is
};

/// Looks rows up by their keys, on threads with a connection each: whatever keys wait are one query, hundreds at a time.
///
/// A connection that is lost fails the keys that were asked for, and is made anew for the next. A failure that is no passing one, such as a
/// query that is wrong, is told to each key. Thread-safe; answers come on the
/// lookup's threads, and what is still open at its end is told that.
class pg_lookup {
public:
  using answer = std::function<void(pg_found)>;

  /// @param config of the settings `postgres.*`. @param of what rows become; outlives it. @param who for the server's list of connections.
  /// @throws config_error as `pg_address::from`.
  pg_lookup(const settings& config, pg_query query, const schema& of, std::size_t connections, std::string who);
  pg_lookup(const pg_lookup&) = delete;
  pg_lookup& operator=(const pg_lookup&) = delete;
  ~pg_lookup();

  /// Returns at once. @param key as text, as PostgreSQL reads its type.
  void find(std::string key, answer then);

private:
  class threads;
  const std::unique_ptr<threads> threads_;
};

} // namespace leat
