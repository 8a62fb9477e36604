#include <leat/apps/leat/kafka/payload_reader.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/registry/subject.hpp>

#include <fmt/format.h>

namespace leat::cli {

payload_reader::payload_reader(const settings& config, const std::string& topic, const interruption& stop) {
  using outcome = registry_answer::outcome;
  const auto urls = config.list("registry.url");
  if (urls.empty() || urls.front().empty())
    return;
  registry_ = std::make_unique<registry_client>(registry_options::of(config));
  const auto first = registry_->latest(subject_of(topic), stop.token()).how;
  if (first.what == outcome::unreachable && !stop.asked())
    throw connector_error{fmt::format(
      "the schema registry does not answer: {}. Is registry.url right, and the registry up? `--set registry.url=` shows "
      "bytes as they are",
      first.reason)};
  if (first.what == outcome::refused)
    throw connector_error{fmt::format("the schema registry refuses: {}", first.reason)};
  printer_.emplace([this, &stop](std::uint32_t id) { return registry_->schema(id, stop.token()); });
}

payload payload_reader::expected(std::optional<std::string_view> bytes) {
  if (!bytes || !printer_)
    return {bytes};
  auto read = printer_->print(*bytes);
  return {bytes, read.schema, std::move(read.value.json), std::move(read.value.failure)};
}

payload payload_reader::possible(std::optional<std::string_view> bytes) {
  auto read = expected(bytes);
  if (!read.schema)
    read.failure.clear();
  return read;
}

} // namespace leat::cli
