#include <leat/connectors/postgres/pg_session.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/postgres/pg_value.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include <libpq-fe.h>

namespace leat {

namespace {

constexpr std::chrono::seconds patience{10}; // with a server that does not answer at the start
constexpr std::chrono::milliseconds between_tries{100};

std::string quoted(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\')
      text += '\\';
    text += c;
  }
  return text + '\'';
}

/// Of libpq's `key=value` or URI.
struct parsed_address {
  std::string host, port, database;
  std::string options; // all of it, as `key='value'`
  bool has_password = false;
};

parsed_address parse(const std::string& connection) {
  struct release {
    void operator()(PQconninfoOption* o) const { PQconninfoFree(o); }
  };
  char* wrong = nullptr;
  const std::unique_ptr<PQconninfoOption, release> options{PQconninfoParse(connection.c_str(), &wrong)};
  if (!options) {
    const std::string why = wrong ? wrong : "out of memory";
    PQfreemem(wrong);
    throw config_error{fmt::format("postgres.connection: {}", why.substr(0, why.find('\n')))};
  }
  parsed_address found;
  for (const auto* o = options.get(); o->keyword; ++o) {
    const std::string_view name = o->keyword;
    if (!o->val)
      continue;
    const std::string value = o->val;
    found.options += fmt::format(" {}={}", name, quoted(value));
    if (name == "host")
      found.host = value;
    else if (name == "port")
      found.port = value;
    else if (name == "dbname")
      found.database = value;
    else if (name == "password")
      found.has_password = !value.empty();
  }
  return found;
}

/// libpq's notices go nowhere: what matters comes as errors.
class silence final : public pqxx::errorhandler {
public:
  explicit silence(pqxx::connection_base& of) : errorhandler{of} {}
  bool operator()(const char*) noexcept override { return false; }
};

} // namespace

pg_connection::pg_connection(const std::string& options)
  : connection_{options}, silence_{std::make_unique<silence>(connection_)} {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored                                                                                             \
  "-Wdeprecated-declarations" // there is no other way: it would connect again, in the middle of things
  connection_.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

pg_address pg_address::from(const settings& config) {
  pg_address made;
  made.connection = config.text("postgres.connection");
  if (parse(made.connection).has_password)
    throw config_error{
      "postgres.connection: has a password in it, which lists of processes and logs would show: give it in a file "
      "(postgres.password-file) or in the environment (PGPASSWORD)"};
  if (const auto file = config.text("postgres.password-file"); !file.empty()) {
    std::ifstream in{file};
    if (!std::getline(in, made.password) || made.password.empty())
      throw config_error{
        fmt::format("postgres.password-file: {} has no password in its first line, or cannot be read", file)};
  }
  return made;
}

std::string pg_address::shown() const {
  const auto of = parse(connection);
  const auto or_else = [](const std::string& text, const char* variable, const char* usual) -> std::string {
    const auto* const set = std::getenv(variable);
    return !text.empty() ? text : set && *set ? set : usual;
  };
  return fmt::format(
    "{}:{}/{}", or_else(of.host, "PGHOST", "local"), or_else(of.port, "PGPORT", "5432"),
    or_else(of.database, "PGDATABASE", "default"));
}

pg_failure failure_of(const std::string& sqlstate) noexcept {
  const std::string_view kind = std::string_view{sqlstate}.substr(0, 2);
  if (sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03")
    return pg_failure::conflict;
  if (kind == "22" || kind == "23" || kind == "44" || sqlstate == "21000" || sqlstate == "54000" || kind == "P0")
    return pg_failure::row;
  if (kind == "08" || kind == "53" || kind == "57" || kind == "58" || sqlstate == "25006" || sqlstate == "40003")
    return pg_failure::connection;
  return pg_failure::statement;
}

pg_failure failure_of(const std::exception& e) noexcept {
  if (dynamic_cast<const pqxx::broken_connection*>(&e) || dynamic_cast<const pqxx::in_doubt_error*>(&e))
    return pg_failure::connection;
  if (dynamic_cast<const pqxx::statement_completion_unknown*>(&e))
    return pg_failure::connection;
  if (dynamic_cast<const pqxx::transaction_rollback*>(&e)) // is no sql_error
    return pg_failure::conflict;
  if (const auto* const sql = dynamic_cast<const pqxx::sql_error*>(&e))
    return sql->sqlstate().empty() ? pg_failure::connection : failure_of(sql->sqlstate());
  return pg_failure::statement;
}

std::string one_line(const std::exception& e) {
  std::string text = e.what();
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  std::string line;
  for (const char c : text)
    if (c != '\n')
      line += c;
    else
      line += "; ";
  if (line.ends_with("not connected.")) // of whatever was tried on a connection that had gone unnoticed
    return "the connection is gone";
  return line.starts_with("ERROR:  ") ? line.substr(8) : line;
}

std::unique_ptr<pg_connection> connect(const pg_address& to, const std::string& application) {
  auto options = fmt::format(
    "fallback_application_name={} connect_timeout=10 keepalives_idle=30 keepalives_interval=10 keepalives_count=3 "
    "tcp_user_timeout=60000 client_encoding=UTF8",
    quoted(application));
  if (!to.password.empty())
    options += " password=" + quoted(to.password);
  options += parse(to.connection).options; // what is said there counts, as it stands behind
  return std::make_unique<pg_connection>(options);
}

std::unique_ptr<pg_connection>
connect_at_start(const pg_address& to, const std::string& application, const std::stop_token& stop) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    try {
      return connect(to, application);
    } catch (const pqxx::broken_connection& e) {
      if (is_hopeless(e) || stop.stop_requested() || std::chrono::steady_clock::now() >= until)
        throw connector_error{one_line(e)};
    }
    std::this_thread::sleep_for(between_tries);
  }
}

void check_privileges(
  pqxx::transaction_base& through, const std::string& table, const std::vector<std::string>& privileges) {
  for (const auto& privilege : privileges) {
    const auto row =
      through.exec_params("SELECT has_table_privilege($1, $2), quote_ident(current_user)", table, privilege)[0];
    if (!row[0].as<bool>())
      throw connector_error{fmt::format(
        "permission denied: GRANT {} ON {} TO {}", fmt::join(privileges, ", "), table, row[1].as<std::string>())};
  }
}

pg_transaction::~pg_transaction() {
  if (!open_)
    return;
  try {
    in_.exec("ROLLBACK");
  } catch (const std::exception&) { // the connection is gone, and with it the transaction
  }
}

void pg_transaction::commit() {
  in_.exec("COMMIT");
  open_ = false;
}

bool is_hopeless(const pqxx::broken_connection& e) noexcept {
  const std::string_view text = e.what();
  constexpr std::string_view signs[] = {"authentication failed",   "no password supplied", "does not exist",
                                        "no pg_hba.conf entry",    "permission denied",    "certificate",
                                        "not permitted to log in", "does not support SSL"};
  return std::ranges::any_of(signs, [&](std::string_view sign) { return text.find(sign) != text.npos; });
}

std::optional<pg_table> find_table(pqxx::transaction_base& through, const std::string& name) {
  const auto found = through.exec_params(
    "SELECT c.oid, quote_ident(n.nspname), quote_ident(c.relname), "
    "c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid) FROM pg_class c JOIN pg_namespace n "
    "ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'v', 'f')",
    name);
  if (found.empty())
    return std::nullopt;
  pg_table table;
  const auto id = found[0][0].as<std::string>();
  table.schema = found[0][1].as<std::string>();
  table.name = table.schema + '.' + found[0][2].as<std::string>();
  table.has_heirs = found[0][3].as<bool>();
  for (const auto& row : through.exec_params(
         "SELECT a.attname, format_type(b.oid, NULL), format_type(t.oid, NULL), "
         "CASE WHEN b.oid = 'numeric'::regtype AND m.typmod >= 4 THEN (((m.typmod - 4) & 2047) # 1024) - 1024 END, "
         "b.typtype = 'e', a.attnotnull OR t.typnotnull, a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL, "
         "a.attgenerated <> '' "
         "FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid "
         "JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END "
         "CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END AS typmod) m "
         "WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
         id)) {
    auto& c = table.columns.emplace_back();
    c.name = row[0].as<std::string>();
    c.type = row[1].as<std::string>();
    c.sql_type = row[2].as<std::string>();
    if (!row[3].is_null())
      c.numeric_scale = row[3].as<int>();
    c.is_enum = row[4].as<bool>();
    c.not_null = row[5].as<bool>();
    c.has_default = row[6].as<bool>();
    c.generated = row[7].as<bool>();
  }
  std::string index;
  for (const auto& row : through.exec_params(
         "SELECT i.indexrelid, a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
         "AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]) WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid "
         "AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indimmediate "
         "ORDER BY i.indexrelid, array_position(i.indkey::int2[], a.attnum)",
         id)) {
    if (const auto of = row[0].as<std::string>(); of != index) {
      index = of;
      table.unique.emplace_back();
    }
    table.unique.back().push_back(row[1].as<std::string>());
  }
  return table;
}

std::vector<pg_column> columns_of(pqxx::transaction_base& through, const std::string& sql) {
  const auto none = through.exec(fmt::format("SELECT * FROM ({}) q LIMIT 0", sql));
  std::vector<pg_column> columns;
  for (pqxx::row::size_type i = 0; i < none.columns(); ++i) {
    auto& c = columns.emplace_back();
    c.name = none.column_name(i);
    c.type =
      through.exec_params("SELECT format_type($1, NULL)", std::to_string(none.column_type(i)))[0][0].as<std::string>();
    c.sql_type = c.type;
  }
  return columns;
}

void append_values(const pqxx::row& answer, pqxx::row::size_type first, pqxx::row::size_type end, std::string& to) {
  pg_value_writer values{to};
  for (auto i = first; i < end; ++i)
    if (const auto value = answer[i]; value.is_null())
      values.null();
    else
      values.text({value.c_str(), value.size()});
}

const pg_column* pg_table::find(const std::string& column) const noexcept {
  const auto found = std::ranges::find(columns, column, &pg_column::name);
  return found == columns.end() ? nullptr : &*found;
}

} // namespace leat
