using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>
/// The form of an upload, read as it comes: the fields before the file, the file as a stream, the fields after it. What
/// stands beside the file is bounded by <see cref="UploadOptions.FormBytes"/>.
/// </summary>
internal sealed class MultipartForm
{
    // A thousand slow clients hold as many of these.
    private const int BufferBytes = 16 << 10;
    private const int MaxFields = 6;
    private const int MaxFieldBytes = 4 << 10;
    private const int MaxHeaderBytes = 4 << 10;

    private readonly MultipartReader reader;
    private readonly Dictionary<string, string> fields = new(StringComparer.Ordinal);
    private int fieldsRead;
    private bool fileRead;

    private MultipartForm(string boundary, Stream body) =>
        reader = new MultipartReader(boundary, body, BufferBytes) { HeadersLengthLimit = MaxHeaderBytes, HeadersCountLimit = 8 };

    /// <summary>The form in this body, of which nothing is read yet.</summary>
    public static Answer<MultipartForm> Of(string? contentType, Stream body)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return No.NotMultipart;
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        return string.IsNullOrWhiteSpace(boundary) || boundary.Length > 70 ? No.NoBoundary : new MultipartForm(boundary, body);
    }

    /// <summary>The file part. Its content must be read before anything that follows it.</summary>
    public async Task<Answer<FilePart>> ReadToFile(CancellationToken cancel) => await Next(cancel) switch
    {
        Answer<FilePart?>.Yes({ } file, _) => file,
        { Refusal: { } why } => why,
        _ => No.NoFile,
    };

    /// <summary>Reads what follows the file, to the end of the form.</summary>
    /// <returns>Where the form wants the file.</returns>
    public async Task<Answer<Placement>> ReadToEnd(CancellationToken cancel) => await Next(cancel) switch
    {
        { Refusal: { } why } => why,
        _ => Place(),
    };

    /// <summary>Where the form wants the file, as far as it was read.</summary>
    public Answer<Placement> Place() =>
        Placement.Parse(
        fields.GetValueOrDefault("folderId"), fields.GetValueOrDefault("onConflict"), fields.GetValueOrDefault("fileId"));

    private async Task<Answer<FilePart?>> Next(CancellationToken cancel)
    {
        try
        {
            while (await reader.ReadNextSectionAsync(cancel) is { } section)
            {
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
                    return No.BrokenBody;
                var field = HeaderUtilities.RemoveQuotes(disposition.Name).Value;
                if (field == "file" || disposition.FileName.HasValue || disposition.FileNameStar.HasValue)
                    return fileRead ? No.TwoFiles : field != "file" ? No.NoFile : TheFile(disposition, section);
                if (++fieldsRead > MaxFields || await Text(section.Body, cancel) is not { } text)
                    return No.TooManyFields;
                if (field is "folderId" or "onConflict" or "fileId" && !fields.TryAdd(field, text))
                    return No.BadField;
            }

            return new Answer<FilePart?>.Yes(null);
        }
        catch (Exception broken) when (ArrivingBytes.ByTheClient(broken) is { } why)
        {
            return why;
        }
    }

    private FilePart TheFile(ContentDispositionHeaderValue disposition, MultipartSection section)
    {
        fileRead = true;
        return new FilePart(NameIn(disposition), section.ContentType, section.Body)
        {
            ContentDigest = Header("Content-Digest"),
            ReprDigest = Header("Repr-Digest"),
        };

        StringValues Header(string name) => section.Headers?.GetValueOrDefault(name) ?? default;
    }

    private static async Task<string?> Text(Stream body, CancellationToken cancel)
    {
        var buffer = new byte[MaxFieldBytes + 1];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
        return length > MaxFieldBytes ? null : Encoding.UTF8.GetString(buffer, 0, length).Trim();
    }

    // Browsers write a quote in a name as %22 and line ends as %0D%0A, other clients a quote as \".
    private static string NameIn(ContentDispositionHeaderValue disposition) =>
        disposition.FileNameStar.HasValue
            ? HeaderUtilities.RemoveQuotes(disposition.FileNameStar).ToString()
            : HeaderUtilities.RemoveQuotes(disposition.FileName).ToString()
                .Replace("\\\"", "\"", StringComparison.Ordinal)
                .Replace("%22", "\"", StringComparison.Ordinal)
                .Replace("%0D", "\r", StringComparison.OrdinalIgnoreCase)
                .Replace("%0A", "\n", StringComparison.OrdinalIgnoreCase);
}

/// <summary>The file in a form.</summary>
/// <param name="Name">As the client says; empty when it says nothing. Checked by whoever stores it.</param>
internal sealed record FilePart(string Name, string? DeclaredType, Stream Content)
{
    /// <summary>What the part's own header says of its bytes.</summary>
    public StringValues ContentDigest { get; init; }

    /// <summary>The same thing here: a part has no other representation than its bytes.</summary>
    public StringValues ReprDigest { get; init; }
}
