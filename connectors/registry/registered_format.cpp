#include <leat/base/error.hpp>
#include <leat/connectors/registry.hpp>
#include <leat/connectors/registry/confluent_wire.hpp>
#include <leat/connectors/registry/registered_decoder.hpp>
#include <leat/connectors/registry/subject.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace leat {
namespace {

[[noreturn]] void throw_unopened(std::string_view name) {
  throw pipeline_error{
    fmt::format("the format \"{0}\" with a schema registry is for topics of Kafka; elsewhere, use `{0}` as it is", name)};
}

/// Reads what a topic has.
class registered_reading final : public format {
public:
  registered_reading(const schema_format& inner, std::shared_ptr<schema_cache> schemas)
    : inner_{inner}, schemas_{std::move(schemas)} {}

  [[nodiscard]] std::string_view name() const noexcept override { return inner_.name(); }
  [[nodiscard]] std::unique_ptr<decoder> make_decoder(const schema& of) const override {
    return std::make_unique<registered_decoder>(inner_, of, schemas_);
  }
  [[nodiscard]] std::unique_ptr<encoder> make_encoder(const schema&) const override { throw_unopened(name()); }

private:
  const schema_format& inner_;
  const std::shared_ptr<schema_cache> schemas_;
};

/// Writes with one schema.
class registered_writing final : public format {
public:
  registered_writing(const schema_format& inner, std::string prefix) : inner_{inner}, prefix_{std::move(prefix)} {}

  [[nodiscard]] std::string_view name() const noexcept override { return inner_.name(); }
  [[nodiscard]] std::unique_ptr<decoder> make_decoder(const schema&) const override { throw_unopened(name()); }
  [[nodiscard]] std::unique_ptr<encoder> make_encoder(const schema& of) const override {
    return inner_.make_encoder_behind(prefix_, of);
  }

private:
  const schema_format& inner_;
  const std::string prefix_;
};

std::shared_ptr<const format> reading(const schema_format& inner, const format_use& where) {
  const auto& context = *where.context;
  (void)inner.make_decoder(*where.of); // throws for a record type that the format cannot hold
  auto client = std::make_shared<registry_client>(registry_options::of(*context.config));
  const auto latest = subject{context.step, subject_of(where.topic), *client, context.stop}.latest();
  auto schemas = std::make_shared<schema_cache>(
    [client](std::uint32_t id, const std::stop_token& stop) { return client->schema(id, stop); },
    fmt::format("source \"{}\"", context.step));
  if (latest)
    schemas->keep(latest);
  return std::make_shared<registered_reading>(inner, std::move(schemas));
}

std::shared_ptr<const format> writing(const schema_format& inner, const format_use& where) {
  const auto& context = *where.context;
  (void)inner.make_encoder(*where.of); // as above
  registry_client client{registry_options::of(*context.config)};
  const subject to{context.step, subject_of(where.topic), client, context.stop};
  const auto id = to.id_for(inner.schema_kind(), inner.schema_text(*where.of));
  spdlog::debug("sink \"{}\": records are written with schema {} of subject {}", context.step, id, subject_of(where.topic));
  return std::make_shared<registered_writing>(inner, registered_prefix(id, inner.message_place(*where.of)));
}

} // namespace

std::string_view registered_format::name() const noexcept { return inner_->name(); }

std::shared_ptr<const format> registered_format::opened(const format_use& where) const {
  return where.does == format_use::way::reads ? reading(*inner_, where) : writing(*inner_, where);
}

std::unique_ptr<decoder> registered_format::make_decoder(const schema&) const { throw_unopened(name()); }

std::unique_ptr<encoder> registered_format::make_encoder(const schema&) const { throw_unopened(name()); }

} // namespace leat
