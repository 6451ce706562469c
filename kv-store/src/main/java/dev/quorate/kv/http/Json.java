package dev.quorate.kv.http;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonStreamParser;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Status;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages as JSON, as etcd's gateway has them: bytes in base64, numbers of 64 bits as strings, names as in the protocol, nothing
 * that is zero. In requests names may be in camel case, too, base64 may be the one for URLs, and a field that nobody knows is not
 * an error.
 */
final class Json {

    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

    private Json() {}

    /** A request; nothing at all is a message without fields. */
    static byte[] message(Descriptor type, byte[] document) throws InvalidProtocolBufferException {
        String text = new String(document, StandardCharsets.UTF_8);
        return text.isBlank() ? new byte[0] : message(type, text);
    }

    private static byte[] message(Descriptor type, String document) throws InvalidProtocolBufferException {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        try {
            PARSER.merge(document, message);
        } catch (RuntimeException | StackOverflowError e) { // its parser does not promise that it throws nothing else
            throw new InvalidProtocolBufferException("the body is no JSON that can be read: " + e.getMessage());
        }
        return message.build().toByteArray();
    }

    /** The requests of a stream, one document after the other. */
    static List<byte[]> messages(Descriptor type, byte[] documents) throws InvalidProtocolBufferException {
        List<byte[]> messages = new ArrayList<>();
        JsonStreamParser parser = new JsonStreamParser(new String(documents, StandardCharsets.UTF_8));
        try {
            while (parser.hasNext()) {
                JsonElement document = parser.next();
                messages.add(message(type, document.toString()));
            }
        } catch (JsonParseException | StackOverflowError e) {
            throw new InvalidProtocolBufferException("the body is no JSON that can be read: " + e.getMessage());
        }
        return messages;
    }

    static String document(Descriptor type, byte[] message) throws InvalidProtocolBufferException {
        return PRINTER.print(DynamicMessage.parseFrom(type, message));
    }

    /** Both shapes that clients know: {@code error} of the older gateway, {@code details} of the newer one. */
    static String error(Status.Code code, String message) {
        JsonObject error = new JsonObject();
        error.addProperty("error", message);
        error.addProperty("code", code.value());
        error.addProperty("message", message);
        error.add("details", new JsonArray());
        return error.toString();
    }

    /** The last line of a stream that failed, for both kinds of clients. */
    static String streamError(Status.Code code, String message) {
        int status = HttpStatus.of(code);
        JsonObject error = new JsonObject();
        error.addProperty("grpc_code", code.value());
        error.addProperty("http_code", status);
        error.addProperty("code", code.value());
        error.addProperty("message", message);
        error.addProperty("http_status", HttpResponseStatus.valueOf(status).reasonPhrase());
        error.add("details", new JsonArray());
        JsonObject line = new JsonObject();
        line.add("error", error);
        return line.toString();
    }
}
