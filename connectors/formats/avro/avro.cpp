#include <leat/connectors/formats/avro.hpp>

#include <leat/base/error.hpp>
#include <leat/connectors/formats/avro/avro_decoder.hpp>
#include <leat/connectors/formats/avro/avro_encoder.hpp>
#include <leat/connectors/formats/avro/avro_printer.hpp>

#include <fmt/format.h>

namespace leat {
namespace {

std::shared_ptr<const avro_schema> schema_from(const writer_schema& written) {
  std::vector<std::string> beside;
  for (const auto& other : written.beside)
    beside.push_back(other.text);
  return std::make_shared<const avro_schema>(written.text, beside);
}

} // namespace

std::string_view avro_format::name() const noexcept { return "avro"; }

std::string_view avro_format::schema_kind() const noexcept { return "AVRO"; }

std::string avro_format::schema_text(const schema& of) const {
  return options_.schema.empty() ? avro_schema_of(of, options_.decimal_scale) : std::string{options_.schema};
}

std::unique_ptr<decoder> avro_format::make_decoder(const schema& of) const {
  const auto both = std::make_shared<const avro_schema>(schema_text(of));
  try {
    return std::make_unique<avro_decoder>(both, of, both);
  } catch (const connector_error& e) {
    throw pipeline_error{fmt::format("record `{}` and its Avro schema: {}", of.name(), e.what())};
  }
}

std::unique_ptr<encoder> avro_format::make_encoder(const schema& of) const { return make_encoder_behind({}, of); }

std::unique_ptr<decoder> avro_format::make_decoder_of(const writer_schema& written, const schema& of) const {
  return std::make_unique<avro_decoder>(schema_from(written), of, std::make_shared<const avro_schema>(schema_text(of)));
}

std::unique_ptr<value_printer> avro_format::make_printer(const writer_schema& written) const {
  return std::make_unique<avro_printer>(schema_from(written));
}

std::unique_ptr<encoder> avro_format::make_encoder_behind(std::string prefix, const schema& of) const {
  return std::make_unique<avro_encoder>(std::make_shared<const avro_schema>(schema_text(of)), of, std::move(prefix));
}

} // namespace leat
