using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>What a client says of the bytes of one request.</summary>
/// <param name="Digest">Lower-case hex.</param>
/// <param name="Otherwise">What other bytes are refused with.</param>
public sealed record ContentCheck(HashAlgorithmName Algorithm, string Digest, Rejection Otherwise);

/// <summary>
/// What a client says of the bytes of one request, before them or, in a trailer, behind them: by <c>Upload-Checksum</c>
/// (tus) or <c>Content-Digest</c> (RFC 9530). Bytes that have a check do not count before it was made.
/// </summary>
public sealed class ContentChecks
{
    /// <summary>Nothing was said.</summary>
    public static readonly ContentChecks None = new([], null);

    /// <summary>The header, and the trailer, of the tus protocol.</summary>
    public const string ChecksumHeader = "Upload-Checksum";

    /// <summary>What <c>Upload-Checksum</c> may name.</summary>
    public static readonly FrozenDictionary<string, HashAlgorithmName> Algorithms =
        new Dictionary<string, HashAlgorithmName>(StringComparer.Ordinal)
        {
            ["sha1"] = HashAlgorithmName.SHA1,
            ["sha256"] = HashAlgorithmName.SHA256,
            ["sha384"] = HashAlgorithmName.SHA384,
            ["sha512"] = HashAlgorithmName.SHA512,
            ["md5"] = HashAlgorithmName.MD5,
        }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly IReadOnlyList<ContentCheck> said;
    private readonly Func<string?>? trailing;

    private ContentChecks(IReadOnlyList<ContentCheck> said, Func<string?>? trailing) =>
        (this.said, this.trailing) = (said, trailing);

    /// <summary>Whether nothing has to be proved.</summary>
    public bool IsEmpty => said.Count == 0 && trailing is null;

    /// <summary>The checks that a request's headers ask for, or announce for its trailer.</summary>
    /// <param name="trailer">What the trailer says when the body has been read; null when it says nothing.</param>
    public static Answer<ContentChecks> Of(IHeaderDictionary headers, Func<string?> trailer)
    {
        var checks = new List<ContentCheck>();
        var checksum = headers[ChecksumHeader];
        if (checksum.Count > 0)
        {
            if (checksum is not [{ } one] || Checksum(one) is not { } check)
                return No.BadChecksum;
            checks.Add(check);
        }

        var digests = DigestField.Parse(headers["Content-Digest"]);
        if (digests is not Answer<IReadOnlyList<ContentCheck>>.Yes(var more, _))
            return digests.Refusal!;
        checks.AddRange(more);
        var comesLate = checksum.Count == 0 && headers.Trailer.ToString()
            .Split(',', StringSplitOptions.TrimEntries).Contains(ChecksumHeader, StringComparer.OrdinalIgnoreCase);
        return new ContentChecks(checks, comesLate ? trailer : null);
    }

    /// <summary>The checks that a file's own fields of RFC 9530 ask for.</summary>
    internal static Answer<ContentChecks> Of(params IReadOnlyList<StringValues> fields)
    {
        var checks = new List<ContentCheck>();
        foreach (var field in fields)
        {
            var digests = DigestField.Parse(field);
            if (digests is not Answer<IReadOnlyList<ContentCheck>>.Yes(var said, _))
                return digests.Refusal!;
            checks.AddRange(said);
        }

        return new ContentChecks(checks, null);
    }

    /// <summary>Begins to take digests.</summary>
    internal RunningDigests Begin() => new(
        trailing is null ? said.Select(check => check.Algorithm) : said.Select(check => check.Algorithm).Concat(Algorithms.Values));

    /// <summary>What is wrong with bytes of these digests; null when nothing is. To be asked at their end.</summary>
    internal Rejection? Judge(RunningDigests digests)
    {
        IEnumerable<ContentCheck> checks = said;
        if (trailing is not null)
        {
            if (trailing() is not { } late || Checksum(late) is not { } check)
                return No.BadChecksum;
            checks = checks.Append(check);
        }

        return checks.FirstOrDefault(check => check.Digest != digests.Hex(check.Algorithm))?.Otherwise;
    }

    private static ContentCheck? Checksum(string text)
    {
        var parts = text.Split(' ');
        return parts.Length == 2 && Algorithms.TryGetValue(parts[0], out var algorithm)
            && DigestField.Hex(algorithm, parts[1]) is { } digest
                ? new ContentCheck(algorithm, digest, No.ChecksumMismatch)
                : null;
    }
}

/// <summary>Digests over bytes that come.</summary>
internal sealed class RunningDigests(IEnumerable<HashAlgorithmName> algorithms) : IDisposable
{
    private readonly Dictionary<HashAlgorithmName, IncrementalHash> running =
        algorithms.Distinct().ToDictionary(one => one, IncrementalHash.CreateHash);

    public void Take(ReadOnlySpan<byte> bytes)
    {
        foreach (var digest in running.Values)
            digest.AppendData(bytes);
    }

    /// <summary>Over all that came so far, lower-case hex.</summary>
    public string Hex(HashAlgorithmName algorithm) => Convert.ToHexStringLower(running[algorithm].GetCurrentHash());

    public void Dispose()
    {
        foreach (var digest in running.Values)
            digest.Dispose();
    }
}
