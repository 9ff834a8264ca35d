using System.Collections.Frozen;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EventFiles.Features.Upload;

/// <summary>What this server takes. Configured in the section <c>Upload</c>; whatever is missing there has its default.</summary>
/// <param name="MaxFileBytes">The largest file, in bytes. <c>Upload:MaxFileBytes</c>, 5 GiB by default.</param>
/// <param name="RefusedTypes">
/// Media types that are refused, found from the bytes or declared; <c>video/*</c> stands for all of a kind.
/// <c>Upload:RefusedTypes</c>, a list or one comma-separated text. None by default: files are served inert.
/// </param>
/// <param name="Life">How long a resumable upload may take. <c>Upload:Life</c>, 24 hours by default.</param>
public sealed record UploadOptions(long MaxFileBytes, IReadOnlySet<string> RefusedTypes, TimeSpan Life)
{
    public static readonly UploadOptions Default = new(5L << 30, FrozenSet<string>.Empty, TimeSpan.FromHours(24));

    /// <summary>Up to this size an upload is one transaction, without a reservation before.</summary>
    public const long SmallBytes = 1 << 20;

    /// <summary>What a form may weigh besides its file: boundaries, part headers, fields.</summary>
    public const long FormBytes = 64 << 10;

    /// <summary>Of as many partial uploads one can be made. Their URLs come in one header.</summary>
    public const int MaxParts = 100;

    /// <summary>S3 takes no more parts.</summary>
    public const int MaxDirectParts = 10_000;

    /// <summary>How long an address is good for at which a client puts a part.</summary>
    public static readonly TimeSpan AddressLife = TimeSpan.FromMinutes(15);

    private const long LeastDirectPartBytes = 5 << 20;

    /// <summary>
    /// Of parts that clients bring to the store themselves; larger when a file would have too many. <c>Upload:DirectPartBytes</c>,
    /// 8 MiB by default and 5 MiB at least, as S3 wants it.
    /// </summary>
    public long DirectPartBytes { get; init; } = 8 << 20;

    /// <summary>How long an upload in a single request lives on after its last sign of life.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    public bool Refuses(string contentType) =>
        RefusedTypes.Contains(contentType)
        || (RefusedTypes.Count > 0 && RefusedTypes.Contains(contentType[..(contentType.IndexOf('/') + 1)] + "*"));

    /// <summary>As configured.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    public static UploadOptions From(IConfiguration configuration)
    {
        var section = configuration.GetSection("Upload");
        return new UploadOptions(
            section["MaxFileBytes"] is { } bytes ? Bytes(bytes) : Default.MaxFileBytes,
            Types(section.GetSection("RefusedTypes")),
            section["Life"] is { } life ? Span(life) : Default.Life)
        {
            DirectPartBytes = section["DirectPartBytes"] is { } part ? PartBytes(part) : Default.DirectPartBytes,
        };
    }

    private static long PartBytes(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes is >= LeastDirectPartBytes and <= 1L << 30 ? bytes
        : throw new InvalidOperationException("Upload:DirectPartBytes is a number of bytes from 5 MiB to 1 GiB.");

    private static long Bytes(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes < 1L << 60 ? bytes
        : throw new InvalidOperationException("Upload:MaxFileBytes is a number of bytes.");

    private static TimeSpan Span(string text) =>
        TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span > TimeSpan.Zero ? span
        : throw new InvalidOperationException("Upload:Life is a time span such as 1.00:00:00.");

    private static FrozenSet<string> Types(IConfigurationSection section) => section.GetChildren()
        .Select(type => type.Value).Append(section.Value)
        .SelectMany(text => (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
