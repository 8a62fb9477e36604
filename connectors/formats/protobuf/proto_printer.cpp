#include <leat/connectors/formats/protobuf/proto_printer.hpp>

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include <utility>

namespace leat {

proto_printer::proto_printer(std::shared_ptr<const proto_schema> written)
  : written_{std::move(written)}, message_{factory_.GetPrototype(&written_->message())->New()} {}

printed_value proto_printer::print(std::string_view bytes) {
  const google::protobuf::LogSilencer quiet; // it would tell the terminal what is said here
  if (!message_->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return {{}, fmt::format("is no message `{}` of Protobuf", written_->message().full_name())};
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  printed_value made;
  const auto outcome = google::protobuf::util::MessageToJsonString(*message_, &made.json, options);
  if (!outcome.ok())
    return {{}, fmt::format("has no form in JSON: {}", std::string{outcome.message()})};
  return made;
}

} // namespace leat
