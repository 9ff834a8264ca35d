using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Features.Export;

/// <summary>All that slices keep of a person, as one document.</summary>
internal sealed class ExportProfile(IEnumerable<IPersonalRecords> records)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    public async Task<byte[]> Of(AccountId person, CancellationToken cancel)
    {
        var document = new SortedDictionary<string, List<object>>(StringComparer.Ordinal);
        foreach (var kind in records)
            document.Add(kind.Name, await kind.Of(person, cancel).ToListAsync(cancel));
        return JsonSerializer.SerializeToUtf8Bytes(document, Json);
    }
}
