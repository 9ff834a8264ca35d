using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace EventFiles.Infrastructure.Children;

/// <summary>
/// What is in a ZIP or tar archive. Nothing is unpacked but the packing around a tar archive itself, so much of it and no
/// more; archives in archives are entries like others.
/// </summary>
internal static class ArchiveFacts
{
    /// <summary>Entries that are told of; of more it is said that there are.</summary>
    public const int MaxEntries = 10_000;

    private const int MaxJsonBytes = 4 << 20;
    private const long MaxUnpackedBytes = 1L << 30;

    /// <summary>The listing, as JSON.</summary>
    /// <exception cref="InvalidDataException">It is no such archive.</exception>
    public static byte[] Of(NativeBytes original)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            var listing = new Listing(writer, json);
            switch (original.Content)
            {
                case [(byte)'P', (byte)'K', 3 or 5, 4 or 6, ..]:
                    writer.WriteString("format", "zip");
                    listing.OfZip(original);
                    break;
                case [0x1F, 0x8B, ..]:
                    writer.WriteString("format", "tar.gz");
                    using (var packed = original.AsStream())
                    using (var unpacked = new GZipStream(packed, CompressionMode.Decompress))
                    using (var counted = new CountedStream(unpacked, MaxUnpackedBytes))
                        listing.OfTar(counted);
                    break;
                default:
                    writer.WriteString("format", "tar");
                    using (var plain = original.AsStream())
                        listing.OfTar(plain);
                    break;
            }

            writer.WriteEndObject();
        }

        return json.ToArray();
    }

    private sealed class Listing(Utf8JsonWriter writer, MemoryStream json)
    {
        private int count;
        private long totalBytes;
        private bool isCut;

        public void OfZip(NativeBytes original)
        {
            using var content = original.AsStream();
            using var archive = new ZipArchive(content, ZipArchiveMode.Read);
            writer.WriteStartArray("entries");
            foreach (var entry in archive.Entries)
            {
                if (!Add(entry.FullName, entry.Length, entry.LastWriteTime, entry.FullName.EndsWith('/'), entry.CompressedLength))
                    break;
            }

            End();
        }

        public void OfTar(Stream content)
        {
            using var archive = new TarReader(content);
            writer.WriteStartArray("entries");
            try
            {
                while (archive.GetNextEntry() is { } entry)
                {
                    if (!Add(entry.Name, entry.Length, entry.ModificationTime, entry.EntryType is TarEntryType.Directory, null))
                        break;
                }
            }
            catch (EndOfStreamException) when (count > 0)
            {
                // What stands before the damage is told.
                isCut = true;
            }

            if (count == 0 && !isCut)
                throw new InvalidDataException("There is nothing in it.");
            End();
        }

        private bool Add(string name, long sizeBytes, DateTimeOffset modifiedAt, bool isFolder, long? packedBytes)
        {
            writer.Flush();
            if (count == MaxEntries || json.Length > MaxJsonBytes)
            {
                isCut = true;
                return false;
            }

            count++;
            totalBytes += Math.Max(0, Math.Min(sizeBytes, long.MaxValue - totalBytes));
            writer.WriteStartObject();
            writer.WriteString("name", name.Length > 1024 ? name[..1024] : name);
            writer.WriteNumber("size", sizeBytes);
            if (packedBytes is { } packed)
                writer.WriteNumber("packedSize", packed);
            writer.WriteString("modifiedAt", modifiedAt);
            writer.WriteBoolean("isFolder", isFolder);
            writer.WriteEndObject();
            return true;
        }

        private void End()
        {
            writer.WriteEndArray();
            writer.WriteNumber("entryCount", count);
            writer.WriteNumber("totalSize", totalBytes);
            writer.WriteBoolean("isCut", isCut);
        }
    }

    // A tar archive that is packed may be a bomb: it ends here.
    private sealed class CountedStream(Stream inner, long maxBytes) : Stream
    {
        private long read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => read;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var got = inner.Read(buffer);
            read += got;
            return read <= maxBytes ? got : throw new EndOfStreamException();
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
