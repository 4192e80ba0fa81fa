//! Decompresses gzip and Zstandard, also several compressed parts behind each other.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

const GZIP: &[u8] = &[0x1F, 0x8B];
const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];

/// How a frame of Zstandard begins that has no content, after a byte from 0x50 to 0x5F. Parallel compressors write them.
const ZSTD_SKIPPED: &[u8] = &[0x2A, 0x4D, 0x18];

const MAGIC_BYTES: usize = 4;
const PART_BUFFER_BYTES: usize = 1 << 17;

/// The content of a file that is compressed, or the file as it is. Compression is recognised by the first bytes.
pub(super) fn decompressed(reader: impl BufRead + Send + 'static) -> io::Result<Box<dyn BufRead + Send>> {
    let mut reader = PeekReader { peeked: Vec::new(), inner: reader };
    if Compression::of(reader.peek(MAGIC_BYTES)?).is_none() {
        return Ok(Box::new(reader));
    }
    let parts = CompressedParts { part: Some(CompressedPart::Between(reader)) };
    Ok(Box::new(BufReader::with_capacity(PART_BUFFER_BYTES, parts)))
}

#[derive(Debug, Clone, Copy)]
enum Compression {
    Gzip,
    Zstandard,
}

impl Compression {
    fn of(start: &[u8]) -> Option<Self> {
        match start {
            _ if start.starts_with(GZIP) => Some(Self::Gzip),
            _ if start.starts_with(ZSTD) => Some(Self::Zstandard),
            [0x50..=0x5F, rest @ ..] if rest.starts_with(ZSTD_SKIPPED) => Some(Self::Zstandard),
            _ => None,
        }
    }
}

/// Decompresses parts behind each other. Zeros behind a part are ignored: tapes and block devices are filled up with them.
struct CompressedParts<R: BufRead> {
    /// None after the end.
    part: Option<CompressedPart<R>>,
}

enum CompressedPart<R: BufRead> {
    Between(PeekReader<R>),
    Gzip(GzDecoder<PeekReader<R>>),
    Zstandard(zstd::Decoder<'static, PeekReader<R>>),
}

impl<R: BufRead> CompressedPart<R> {
    /// What follows a part, or the part that begins here; none at the end.
    fn next(self) -> io::Result<Option<Self>> {
        let mut reader = match self {
            Self::Gzip(part) => return Ok(Some(Self::Between(part.into_inner()))),
            Self::Zstandard(part) => return Ok(Some(Self::Between(part.finish()))),
            Self::Between(reader) => reader,
        };
        reader.skip_zeros()?;
        let start = reader.peek(MAGIC_BYTES)?;
        match Compression::of(start) {
            Some(Compression::Gzip) => Ok(Some(Self::Gzip(GzDecoder::new(reader)))),
            Some(Compression::Zstandard) => {
                Ok(Some(Self::Zstandard(zstd::Decoder::with_buffer(reader)?.single_frame())))
            }
            None if start.is_empty() => Ok(None),
            None => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "what follows the compressed data is neither gzip nor Zstandard",
            )),
        }
    }
}

impl<R: BufRead> Read for CompressedParts<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(part) = &mut self.part {
            let read = match part {
                CompressedPart::Between(_) => 0,
                CompressedPart::Gzip(part) => part.read(buffer)?,
                CompressedPart::Zstandard(part) => part.read(buffer)?,
            };
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.part = self.part.take().map_or(Ok(None), CompressedPart::next)?;
        }
        Ok(0)
    }
}

/// A reader whose next bytes can be seen before they are read.
struct PeekReader<R> {
    /// Bytes that were seen and are not read yet.
    peeked: Vec<u8>,
    inner: R,
}

impl<R: BufRead> PeekReader<R> {
    /// The next bytes, fewer only where the file ends.
    fn peek(&mut self, bytes: usize) -> io::Result<&[u8]> {
        while self.peeked.len() < bytes {
            let next = match self.inner.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                next => next?,
            };
            if next.is_empty() {
                break;
            }
            let missing = next.len().min(bytes - self.peeked.len());
            self.peeked.extend_from_slice(&next[..missing]);
            self.inner.consume(missing);
        }
        Ok(&self.peeked)
    }

    fn skip_zeros(&mut self) -> io::Result<()> {
        loop {
            let next = self.fill_buf()?;
            let zeros = next.iter().take_while(|&&byte| byte == 0).count();
            if zeros == 0 {
                return Ok(());
            }
            self.consume(zeros);
        }
    }
}

impl<R: BufRead> Read for PeekReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for PeekReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.peeked.is_empty() { self.inner.fill_buf() } else { Ok(&self.peeked) }
    }

    fn consume(&mut self, bytes: usize) {
        if self.peeked.is_empty() {
            self.inner.consume(bytes);
        } else {
            self.peeked.drain(..bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text).expect("compressed");
        gzip.finish().expect("compressed")
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        zstd::encode_all(text, 1).expect("compressed")
    }

    /// A frame of Zstandard with four bytes that are no content.
    fn skipped() -> Vec<u8> {
        [&[0x5A], ZSTD_SKIPPED, &[4, 0, 0, 0], b"size"].concat()
    }

    /// What is read of a file in pieces of any size, and whether an error follows.
    fn read(bytes: &[u8]) -> (String, Option<String>) {
        let reads = [1, 3, 1 << 17].map(|capacity| {
            let mut text = Vec::new();
            let mut reader =
                decompressed(BufReader::with_capacity(capacity, Cursor::new(bytes.to_vec()))).expect("read");
            let failed = reader.read_to_end(&mut text).err().map(|error| error.to_string());
            (String::from_utf8_lossy(&text).into_owned(), failed)
        });
        assert!(reads.iter().all(|read| *read == reads[0]), "{reads:?}");
        reads[0].clone()
    }

    #[test]
    fn parts_behind_each_other_are_read_as_one() {
        for (parts, expected) in [
            (vec![b"plain".to_vec()], "plain"),
            (vec![], ""),
            (vec![b"\x1F".to_vec()], "\x1F"),
            (vec![gzip(b"")], ""),
            (vec![gzip(b"a"), gzip(b"b")], "ab"),
            (vec![zstd(b"a"), zstd(b"b")], "ab"),
            (vec![skipped(), zstd(b"a"), skipped(), zstd(b"b"), skipped()], "ab"),
            (vec![gzip(b"a"), vec![0; 512]], "a"),
            (vec![zstd(b"a"), vec![0; 3], gzip(b"b"), vec![0]], "ab"),
        ] {
            assert_eq!(read(&parts.concat()), (expected.to_owned(), None));
        }
    }

    #[test]
    fn what_is_not_compressed_behind_a_part_is_an_error_after_it() {
        for (bytes, says) in [
            ([gzip(b"a"), b"junk".to_vec()].concat(), "what follows the compressed data"),
            ([zstd(b"a"), vec![0], b"j".to_vec()].concat(), "what follows the compressed data"),
            ([gzip(b"a"), gzip(b"b")[..12].to_vec()].concat(), ""),
            ([zstd(b"a"), zstd(b"b")[..8].to_vec()].concat(), ""),
            ([gzip(b"a")[..gzip(b"a").len() - 4].to_vec()].concat(), ""),
        ] {
            let (text, failed) = read(&bytes);
            assert!(text.starts_with('a'), "{text}");
            assert!(failed.expect("an error").contains(says));
        }
    }
}
