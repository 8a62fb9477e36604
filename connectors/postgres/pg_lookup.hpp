#pragma once

#include <leat/connectors/postgres/pg_session.hpp>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace leat {

/// A query whose rows are looked up by one of its columns.
struct pg_query {
  std::string sql; ///< `SELECT id, name FROM customers`; no semicolon at its end
  std::string key; ///< the column, as SQL names it; an index of it makes lookups fast
};

/// What a key's row has come to.
struct pg_found {
  std::optional<std::string> row{}; ///< as JSON; none: there is no such row, or it failed
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

  /// @param who for the server's list of connections.
  pg_lookup(pg_address where, pg_query query, std::size_t connections, std::string who);
  pg_lookup(const pg_lookup&) = delete;
  pg_lookup& operator=(const pg_lookup&) = delete;
  ~pg_lookup();

  /// Returns at once. @param key as text, as PostgreSQL reads its type.
  void find(std::string key, answer then);

private:
  struct question {
    std::string key;
    answer then;
  };

  void run(const std::stop_token& stop);
  void ask(std::unique_ptr<pg_connection>& through, std::span<question> some);
  [[nodiscard]] std::string statement(pqxx::connection& through) const;

  const pg_address where_;
  const pg_query query_;
  const std::string who_;
  std::mutex m_;
  std::condition_variable_any more_;
  std::vector<question> waiting_;     // guarded by m_
  std::vector<std::jthread> threads_; // the last: they use the others
};

} // namespace leat
