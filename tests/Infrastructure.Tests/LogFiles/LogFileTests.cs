using System.Text;
using EventFiles.Infrastructure.LogFiles;

namespace EventFiles.Infrastructure.Tests.LogFiles;

/// <summary>The file itself: what it promises of its lines.</summary>
public sealed class LogFileTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flipped_bit_is_found_wherever_it_is_and_its_line_named()
    {
        var whole = await Written(3, 2);
        Assert.NotNull((await Read(whole)).Manifest);
        for (var at = 0; at < whole.Length; at++)
        {
            var line = whole.AsSpan(0, at).Count((byte)'\n') + 1;
            var altered = whole.ToArray();
            altered[at] ^= (byte)(1 << (at % 8));

            // Without its newline the last line is one that was cut.
            if (at == whole.Length - 1)
                Assert.Equal((null, line - 1), ((await Read(altered)).Manifest, (await Read(altered)).Line));
            else
                Assert.Equal(line, (await Assert.ThrowsAsync<LogFileException>(() => Read(altered))).Line);
        }
    }

    [Fact]
    public async Task Wherever_it_is_cut_off_it_is_not_complete()
    {
        var whole = await Written(3, 2);
        for (var length = 0; length < whole.Length; length++)
            Assert.Null((await Read(whole[..length])).Manifest);
    }

    // Line 1 is the header; 2 to 1001 events and 1002 their checksum; 1003 to 1502 and 1503; 1504, 1505 passwords and 1506.
    public static TheoryData<string, int, Func<List<string>, IEnumerable<string>>> Alterations => new()
    {
        { "the header is missing", 1, lines => lines[1..] },
        { "an event is missing", 1001, lines => lines[..9].Concat(lines[10..]) },
        { "two events are swapped", 11, lines => [.. lines[..9], lines[10], lines[9], .. lines[11..]] },
        { "an event is doubled", 11, lines => [.. lines[..10], lines[9], .. lines[10..]] },
        { "an event is another with a right sum", 1002, lines => [.. lines[..9], Forged(lines[9]), .. lines[10..]] },
        { "a checksum is missing", 1502, lines => lines[..1001].Concat(lines[1002..]).Append("") },
        { "a checksum is doubled", 1003, lines => [.. lines[..1002], lines[1001], .. lines[1002..]] },
        { "a chunk is missing", 502, lines => lines[..1].Concat(lines[1002..]) },
        { "a chunk is doubled", 1003, lines => [.. lines[..1002], .. lines[1..1002], .. lines[1002..]] },
        { "two chunks are swapped", 502, lines => [.. lines[..1], .. lines[1002..1503], .. lines[1..1002], .. lines[1503..]] },
        { "a password is missing", 1505, lines => lines[..1503].Concat(lines[1504..]) },
        { "the passwords are missing", 1504, lines => lines[..1503].Concat(lines[1506..]) },
        { "a line is empty", 1001, lines => [.. lines[..1000], "", .. lines[1001..]] },
        { "something follows the manifest", 1508, lines => [.. lines, lines[^1]] },
    };

    [Theory]
    [MemberData(nameof(Alterations), DisableDiscoveryEnumeration = true)]
    public async Task A_line_that_is_missing_moved_doubled_or_forged_is_found(
        string what, int named, Func<List<string>, IEnumerable<string>> alter)
    {
        var lines = Encoding.UTF8.GetString(await Written(1500, 2)).TrimEnd('\n').Split('\n').ToList();
        Assert.Equal(1507, lines.Count);
        var altered = Encoding.UTF8.GetBytes(string.Concat(alter(lines).Select(line => line + "\n")));

        var refused = await Assert.ThrowsAsync<LogFileException>(() => Read(altered));

        Assert.True(named == refused.Line, $"{what}: {refused.Message}");
    }

    [Fact]
    public async Task Another_programs_format_is_refused_as_such()
    {
        foreach (var header in new LogHeader[] { new("eventfiles", 2, null, 1, 0, false, 0), new("otherfiles", 1, null, 1, 0, false, 0) })
        {
            var refused = await Assert.ThrowsAsync<LogFileException>(() => Read(LogLines.Write(header)));
            Assert.Equal((LogFileException.OtherFormat, 1L), (refused.Code, refused.Line));
        }

        Assert.Equal(
            LogFileException.OtherFormat,
            (await Assert.ThrowsAsync<LogFileException>(() => Read("%PDF-1.7\n"u8.ToArray()))).Code);
    }

    /// <summary>A file of so many events and passwords.</summary>
    private static async Task<byte[]> Written(int events, int passwords)
    {
        var file = new MemoryStream();
        var writer = await LogFileWriter.Begin(file, new LogHeader(LogHeader.Ours, LogFile.Format, Guid.Empty, 1, events, true, 0), Cancel);
        for (var position = 1; position <= events; position++)
        {
            await writer.Add(
                new LogEvent(
                    position, Guid.CreateVersion7(), "delete-ä", position, "delete.purged.v1", DateTime.UnixEpoch, "a", null, "b", null,
                    "{\"h\": 1}"u8.ToArray(), "{\"é\": [1, 2]}"u8.ToArray(), [1, 2], null, position % 2 == 0, new LogPrivate("a", [3], [4])),
                Cancel);
        }

        await writer.Add([.. Enumerable.Range(0, passwords).Select(n => new LogPassword($"account-{n}", "hash", DateTimeOffset.UnixEpoch))], Cancel);
        await writer.End(events, Cancel);
        return file.ToArray();
    }

    private static async Task<LogFileReader> Read(byte[] bytes)
    {
        var reader = new LogFileReader(new MemoryStream(bytes));
        await foreach (var _ in reader.Chunks(Cancel))
        {
        }

        return reader;
    }

    // The line as somebody would forge it who knows how the sums of lines are made.
    private static string Forged(string line) => Encoding.UTF8.GetString(LogFile.Seal(Encoding.UTF8.GetBytes(
        line[..line.LastIndexOf(",\"sum\"", StringComparison.Ordinal)].Replace("\"b\"", "\"c\"", StringComparison.Ordinal) + "}"))).TrimEnd('\n');
}
