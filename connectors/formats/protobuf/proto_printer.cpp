#include <leat/connectors/formats/protobuf/proto_printer.hpp>

#include <leat/connectors/formats/protobuf/message_bytes.hpp>

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>

#include <utility>

namespace leat {

proto_printer::proto_printer(std::shared_ptr<const proto_schema> written)
  : written_{std::move(written)}, message_{factory_.GetPrototype(&written_->message())->New()} {}

printed_value proto_printer::print(std::string_view bytes) {
  const google::protobuf::LogSilencer quiet; // it would tell the terminal what is said here
  if (!message_->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return {{}, fmt::format("is no message `{}` of Protobuf", written_->message().full_name())};
  printed_value made;
  if (!message_to_json(*message_, made.json))
    return {{}, std::move(made.json)}; // why
  return made;
}

} // namespace leat
