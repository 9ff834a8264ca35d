using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace EventFiles.Host.Web;

/// <summary>
/// Gives every property in the API document an example that a reader recognises. By name where the name says what it
/// is, else by format and type: so a new property has one without anybody's doing.
/// </summary>
internal static class ApiExamples
{
    private static readonly Dictionary<string, JsonNode> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["email"] = "olga@example.org",
        ["grantee"] = "ravi@example.org",
        ["displayName"] = "Olga",
        ["password"] = "correct horse battery",
        ["currentPassword"] = "correct horse battery",
        ["newPassword"] = "battery horse correct",
        ["name"] = "report.pdf",
        ["contentType"] = "application/pdf",
        ["status"] = "ready",
        ["sha256"] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ["tokenType"] = "Bearer",
        ["expiresIn"] = 900,
        ["size"] = 48_213,
        ["limitBytes"] = 10_737_418_240,
        ["usedBytes"] = 48_213,
        ["reservedBytes"] = 0,
        ["version"] = 1,
        ["processor"] = "thumbnail",
        ["variant"] = "thumbnail",
        ["role"] = "viewer",
        ["action"] = "read",
        ["reason"] = "Case 2026/117",
        ["kind"] = "file",
        ["scan"] = "notScanned",
        ["what"] = "charged",
    };

    public static Task Add(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        foreach (var schema in document.Components?.Schemas?.Values ?? [])
        {
            foreach (var (name, property) in schema.Properties ?? new Dictionary<string, IOpenApiSchema>())
            {
                if (property is OpenApiSchema { Examples: null } own && For(name, own) is { } example)
                    own.Examples = [example];
            }
        }

        return Task.CompletedTask;
    }

    private static JsonNode? For(string name, OpenApiSchema property)
    {
        var type = property.Type & ~JsonSchemaType.Null;
        if (ByName.TryGetValue(name, out var known) && Fits(known, type))
            return known.DeepClone();
        return (type, property.Format) switch
        {
            (JsonSchemaType.String, "uuid") => "0197c2a4-6f1e-7c3a-9d52-3b8f6a1e2c47",
            (JsonSchemaType.String, "date-time") => "2026-11-21T12:00:00+00:00",
            (JsonSchemaType.String, _) when property.Enum is { Count: > 0 } values => values[0].DeepClone(),
            (JsonSchemaType.Boolean, _) => false,
            (JsonSchemaType.Integer, _) => 1,
            _ => null,
        };
    }

    private static bool Fits(JsonNode example, JsonSchemaType? type) => example.GetValueKind() switch
    {
        System.Text.Json.JsonValueKind.String => type == JsonSchemaType.String,
        System.Text.Json.JsonValueKind.Number => type is JsonSchemaType.Integer or JsonSchemaType.Number,
        _ => false,
    };
}
