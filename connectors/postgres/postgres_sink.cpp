#include <leat/connectors/postgres/postgres_sink.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/json/json_encoder.hpp>
#include <leat/connectors/postgres/postgres_outlet.hpp>
#include <leat/connectors/postgres/postgres_writers.hpp>

#include <fmt/format.h>

#include <utility>

namespace leat {

/// What `open` finds out.
struct postgres_sink::opened {
  connector_context context;
  pg_address address;
  pg_table table;
  pg_own_tables own;

  [[nodiscard]] std::string error(std::string_view what) const {
    return fmt::format("sink '{}': {}: {}", context.step, address.shown(), what);
  }
  void look(const postgres_sink_options& options, const schema& of);
  [[nodiscard]] pg_transactions::parts session(std::uint32_t instance) const;
  [[nodiscard]] row_store::parts rows() const;
  [[nodiscard]] row_lineup::parts lineup(const postgres_sink& of, std::uint32_t instance) const;
};

postgres_sink::postgres_sink(postgres_sink_options options, const schema& of) : options_{std::move(options)}, schema_{of} {}

postgres_sink::~postgres_sink() = default;

void postgres_sink::open(const connector_context& context) {
  auto now = std::make_unique<opened>();
  now->context = context;
  now->address = pg_address::from(*context.config);
  try {
    now->look(options_, schema_);
    (void)row_encoder{schema_, now->table, options_.rows};
  } catch (const connector_error& e) {
    throw connector_error{now->error(e.what())};
  }
  opened_ = std::move(now);
}

/// Finds the table, and makes what is missing. @throws connector_error without the step's name.
void postgres_sink::opened::look(const postgres_sink_options& options, const schema& of) {
  const auto through = connect_at_start(address, fmt::format("leat {}/{}", context.job, context.step), context.stop);
  try {
    pg_transaction transaction{through->get()};
    auto& in = transaction.statements();
    auto found = find_table(in, options.rows.table);
    const auto create = create_table_statement(of, options.rows);
    if (!found && options.creates_table) {
      in.exec(create);
      found = find_table(in, options.rows.table);
    }
    if (!found)
      throw connector_error{fmt::format("there is no table {}. For these records: {}", options.rows.table, create)};
    table = std::move(*found);
    own.schema = table.schema;
    make_own_tables(in, own, options.exactly_once, context.dead_letters);
    std::vector<std::string> privileges{"INSERT"};
    if (options.rows.action == row_action::upsert)
      privileges.insert(privileges.end(), {"SELECT", "UPDATE"}); // the first for ON CONFLICT
    if (options.rows.removes)
      privileges.emplace_back("DELETE");
    check_privileges(in, table.name, privileges);
    if (options.exactly_once)
      check_privileges(in, own.epochs(), {"SELECT", "INSERT", "UPDATE"});
    if (context.dead_letters)
      check_privileges(in, own.letters(), {"INSERT"});
    transaction.commit();
  } catch (const pqxx::failure& e) {
    throw connector_error{one_line(e)};
  }
}

pg_transactions::parts postgres_sink::opened::session(std::uint32_t instance) const {
  pg_transactions::parts with;
  with.address = address;
  with.application = fmt::format("leat {}/{}/{}", context.job, context.step, instance);
  with.who = fmt::format("postgres sink {}/{}", context.step, instance);
  with.step = context.step;
  return with;
}

row_store::parts postgres_sink::opened::rows() const {
  return {context.job, context.step, own, context.dead_letters, context.metrics};
}

row_lineup::parts postgres_sink::opened::lineup(const postgres_sink& of, std::uint32_t instance) const {
  row_lineup::parts with;
  with.step = context.step;
  with.encoding = std::make_unique<row_encoder>(of.schema_, table, of.options_.rows);
  with.as_json = std::make_unique<json_encoder>(of.schema_);
  with.writes_letters = context.dead_letters;
  with.bytes_out = &context.metrics->get("bytes_out", context.step, instance);
  with.notes = context.metrics;
  return with;
}

std::unique_ptr<sink_writer> postgres_sink::make_writer(std::uint32_t instance, std::uint32_t, waker wake) {
  const auto& o = *opened_;
  const auto& config = *o.context.config;
  const row_batching batching{
    static_cast<std::size_t>(config.integer("postgres.batch-rows", 1, 1'000'000)), config.bytes("postgres.batch-bytes"),
    config.span("postgres.batch-delay")};
  return std::make_unique<postgres_sink_writer>(
    postgres_sink_writer::parts{o.session(instance), o.rows(), batching}, o.lineup(*this, instance), std::move(wake));
}

std::unique_ptr<transactional_writer>
postgres_sink::make_transactional_writer(std::uint32_t instance, std::uint32_t, waker wake) {
  const auto& o = *opened_;
  const auto& config = *o.context.config;
  postgres_outlet::parts with;
  with.session = o.session(instance);
  with.rows = o.rows();
  with.uid = o.context.uid.empty() ? o.context.step : o.context.uid;
  with.duplicates_allowed = config.boolean("postgres.allow-duplicates");
  with.passes = options_.passes;
  auto committer = std::make_unique<epoch_committer>(
    instance,
    [with](std::uint32_t shard, outlet_link& link) {
      auto of = with;
      of.shard = shard;
      return std::make_unique<postgres_outlet>(std::move(of), link);
    },
    std::move(wake));
  return std::make_unique<postgres_transactional_writer>(
    instance, o.lineup(*this, instance), std::move(committer), config.bytes("postgres.epoch-memory"));
}

std::string postgres_sink::dead_letters_in() const {
  return opened_ ? fmt::format("table {}", opened_->own.letters()) : std::string{};
}

} // namespace leat
