#pragma once

#include <leat/connectors/log_limit.hpp>
#include <leat/connectors/postgres/pg_session.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace leat {

/// How an attempt at a transaction has ended.
enum class pg_outcome {
  committed,
  in_doubt, ///< the connection is gone: nobody knows whether it is committed
  stopped,  ///< likewise, and nothing is to be done any more
};

/// One connection that is made again when it is lost, and transactions on it.
///
/// Blocks; used by one thread. Setting `stop` ends all waiting but that for an answer of the server's.
class pg_transactions {
public:
  struct parts {
    pg_address address;
    std::string application;       ///< as the server's lists show it
    std::string who;               ///< begins log lines: "postgres sink orders/0"
    std::string step;              ///< for errors, and
    std::string_view end = "sink"; ///< what it is of the job's
    const std::atomic<bool>* stop = nullptr;
  };

  explicit pg_transactions(parts with);
  ~pg_transactions();

  /// Connects, unless it is. Waits for a server that is away without limit.
  /// @returns false when `stop` was set. @throws connector_error when it never will.
  bool connect();

  [[nodiscard]] bool connected() const noexcept { return connection_ != nullptr; }

  /// Gives the connection up.
  void disconnect() noexcept;

  /// Has `work` done in a transaction and commits it. When other transactions are in the way, it is done again; when a row is
  /// refused, again with `careful`, so that it can find out which.
  /// @throws connector_error when the server refuses it for good, and whatever else `work` throws.
  pg_outcome attempt(const std::function<void(pqxx::transaction_base& in, bool careful)>& work);

  /// Executes a statement with parameters in PostgreSQL's binary format; prepares it the first time. @returns how many rows it changed.
  std::size_t execute(pqxx::transaction_base& in, const std::string& sql, std::span<const std::string> binary);

private:
  void pause(const std::exception& why);
  [[noreturn]] void give_up(const std::exception& why) const;

  const parts with_;
  std::unique_ptr<pg_connection> connection_;   // none: not connected
  std::map<std::string, std::string> prepared_; // on this connection: names by SQL
  log_limit log_{std::chrono::seconds{30}};
  int failures_ = 0;  // since something was committed
  bool lost_ = false; // the log says so
};

} // namespace leat
