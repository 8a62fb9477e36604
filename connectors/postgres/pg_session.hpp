#pragma once

#include <leat/base/settings.hpp>
#include <leat/connectors/postgres/pg_table.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <pqxx/pqxx>

namespace leat {

/// Where a database is, and as whom to go there.
struct pg_address {
  std::string connection; ///< libpq's: `host=… dbname=…`, or an URI; without a password
  std::string password;   ///< empty: libpq looks for one itself (PGPASSWORD, ~/.pgpass)

  /// Of the settings `postgres.*`.
  /// @throws config_error when there is a password in `postgres.connection`, where logs would show it, or its file cannot be read.
  [[nodiscard]] static pg_address from(const settings& config);

  /// For people, as far as it is known without asking: `db.example:5432/shop`. Never has a password.
  [[nodiscard]] std::string shown() const;
};

/// Who a failure of the server's or of the way to it concerns.
enum class pg_failure {
  row,        ///< one row of the statement cannot be stored: its data, or a constraint
  conflict,   ///< other transactions were in the way: the same again may succeed
  connection, ///< the server is away, ending, starting, or has no resources: later
  statement,  ///< the same again will fail again: a table or column is gone, no permission
};

/// By the SQLSTATE of PostgreSQL's Appendix A.
[[nodiscard]] pg_failure failure_of(const std::string& sqlstate) noexcept;
[[nodiscard]] pg_failure failure_of(const std::exception& e) noexcept;

/// What libpq says, on one line.
[[nodiscard]] std::string one_line(const std::exception& e);

/// A connection that says nothing on standard error, and that is gone for good when it is lost.
class pg_connection {
public:
  /// @param options libpq's. @throws pqxx::broken_connection.
  explicit pg_connection(const std::string& options);

  [[nodiscard]] pqxx::connection& get() noexcept { return connection_; }

private:
  pqxx::connection connection_; // libpqxx's own may not be derived from: its destructor is not virtual
  std::unique_ptr<pqxx::errorhandler> silence_;
};

/// Connects, as `application` in the server's lists.
/// @throws pqxx::broken_connection.
[[nodiscard]] std::unique_ptr<pg_connection> connect(const pg_address& to, const std::string& application);

/// The same at the start of a job: a server that is just starting is given 10 s.
/// @throws connector_error with what the last try has said; earlier when it is hopeless, or `stop` is requested.
[[nodiscard]] std::unique_ptr<pg_connection>
connect_at_start(const pg_address& to, const std::string& application, const std::stop_token& stop);

/// @throws connector_error when the user may not do all of these with a table; the text says how it is allowed.
/// @param table as SQL names it. @param privileges "INSERT", "UPDATE", …
void check_privileges(
  pqxx::transaction_base& through, const std::string& table, const std::vector<std::string>& privileges);

/// A transaction, which ends without a trace unless it is committed.
///
/// Instead of libpqxx's own: those of 6.4.5 begin with the first statement that is given as text, and so not at all when all
/// statements are prepared or have parameters, which then are transactions of their own.
class pg_transaction {
public:
  explicit pg_transaction(pqxx::connection& on) : in_{on} { in_.exec("BEGIN"); }
  pg_transaction(const pg_transaction&) = delete;
  pg_transaction& operator=(const pg_transaction&) = delete;
  ~pg_transaction();

  [[nodiscard]] pqxx::transaction_base& statements() noexcept { return in_; }

  /// @throws pqxx::failure; when the connection is gone, nobody knows whether it is committed.
  void commit();

private:
  pqxx::nontransaction in_;
  bool open_ = true;
};

/// Whether connecting again will not help: a wrong password, no such database.
[[nodiscard]] bool is_hopeless(const pqxx::broken_connection& e) noexcept;

/// What the catalog says; none: there is no such table, or no permission to see it.
/// @param name as SQL would have it: `orders`, `shop.orders`, `"Orders"`.
[[nodiscard]] std::optional<pg_table> find_table(pqxx::transaction_base& through, const std::string& name);

/// The columns of a query's rows: their names and types, nothing else. @param sql without a semicolon.
[[nodiscard]] std::vector<pg_column> columns_of(pqxx::transaction_base& through, const std::string& sql);

/// Appends the values of an answer's row from `first` to before `end`, as the server tells them, each as `pg_value_writer` writes text.
void append_values(const pqxx::row& answer, pqxx::row::size_type first, pqxx::row::size_type end, std::string& to);

} // namespace leat
