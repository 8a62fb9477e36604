#include <leat/connectors/postgres/reading/postgres_source.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/postgres/reading/table_reader.hpp>

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace leat {

/// What `open` finds out.
struct postgres_source::opened {
  connector_context context;
  pg_address address;
  row_selection selected;
  table_query query;
  table_bookmark mark;       // of the start, or of the checkpoint
  std::int64_t position = 0; // there
};

namespace {

/// What asking for the first page would make of it, without any row: names that the condition has wrong, permissions.
void check_query(pqxx::transaction_base& in, const table_query& query, const table_options& options) {
  try {
    in.exec(query.page(false, 0));
  } catch (const pqxx::failure& e) {
    if (options.condition.empty())
      throw;
    throw connector_error{fmt::format("with the condition {}: {}", options.condition, one_line(e))};
  }
}

/// Goes on where the checkpoint is. @throws connector_error when that is another table's place, or another way through it.
std::int64_t find_place(const std::vector<saved_reading>& read, table_bookmark& mark) {
  std::int64_t position = 0;
  for (const auto& r : read) {
    const auto saved = table_bookmark_from(r.evidence);
    if (const auto why = explain_other_reading(saved, mark); !why.empty())
      throw connector_error{fmt::format(
        "{}: read that to its end first; or, to read this one from its start, give the source another .uid(…) and start "
        "with "
        "--allow-dropped-state",
        why)};
    mark.last = saved.last;
    position = r.position;
  }
  return position;
}

} // namespace

postgres_source::postgres_source(
  table_options options, const schema& of, std::shared_ptr<const timestamp_assigner> event_time)
  : options_{std::move(options)}, schema_{of}, event_time_{std::move(event_time)} {}

postgres_source::~postgres_source() = default;

std::vector<partition> postgres_source::open(const connector_context& context) {
  const auto address = pg_address::from(*context.config);
  try {
    const auto through = connect_at_start(address, fmt::format("leat {}/{}", context.job, context.step), context.stop);
    pg_transaction transaction{through->get()};
    auto& in = transaction.statements();
    const auto table = find_table(in, options_.table);
    if (!table)
      throw connector_error{fmt::format(
        "there is no table {}, or no permission to see it: name it with its schema, as in \"shop.orders\"",
        options_.table)};
    check_readable(schema_, *table);
    row_selection selected{schema_, table->columns};
    table_query query{*table, options_, selected};
    check_privileges(in, table->name, {"SELECT"});
    check_query(in, query, options_);
    table_bookmark mark;
    mark.table = table->name;
    mark.condition = options_.condition;
    mark.key = options_.key;
    const auto position = find_place(context.read, mark);
    opened_ =
      std::make_unique<opened>(opened{context, address, std::move(selected), std::move(query), std::move(mark), position});
  } catch (const pqxx::failure& e) {
    throw connector_error{fmt::format("source '{}': {}: {}", context.step, address.shown(), one_line(e))};
  } catch (const connector_error& e) {
    throw connector_error{fmt::format("source '{}': {}: {}", context.step, address.shown(), e.what())};
  }
  return {{opened_->mark.table, -1}};
}

std::unique_ptr<partition_reader>
postgres_source::make_reader(const partition& which, std::optional<std::int64_t>, waker wake) {
  const auto& o = *opened_;
  const auto& config = *o.context.config;
  table_pages::parts pages{{}, o.query};
  pages.session.address = o.address;
  pages.session.application = fmt::format("leat {}/{}", o.context.job, o.context.step);
  pages.session.who = fmt::format("postgres source {}", o.context.step);
  pages.session.step = o.context.step;
  pages.session.end = "source";
  pages.columns = options_.key.size();
  pages.rows = static_cast<std::size_t>(config.integer("postgres.page-rows", 1, 1'000'000));
  pages.bytes = config.bytes("postgres.page-bytes");
  pages.bytes_in = &o.context.metrics->get("bytes_in", o.context.step, 0);
  auto decoding = std::make_unique<row_decoder>(schema_, o.selected);
  auto& rows = *decoding;
  record_intake intake{o.context.step,          which,
                       std::move(decoding),     event_time_,
                       time_bounds::of(config), time_refusals::of(*o.context.metrics, o.context.step, 0),
                       o.context.origins};
  return std::make_unique<table_reader>(std::move(pages), std::move(intake), rows, o.position, o.mark, std::move(wake));
}

} // namespace leat
