//! Positions and leaves as Parquet: a table that pandas and DuckDB can open.
//!
//! Written without compression and without dictionaries: keys do not compress, and equal leaves produce equal bytes.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
    sync::Arc,
};

use bulkhead_interface::Pubkey;
use bytes::Bytes;
use parquet::{
    basic::{LogicalType, Type},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{ByteArray, ByteArrayType, DataType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
        reader::{FileReader, RowGroupReader},
        serialized_reader::SerializedFileReader,
        writer::SerializedFileWriter,
    },
    schema::parser::parse_message_type,
};

use crate::{Error, Place, Position, digits::parse_key, file, quiet};

/// Rows per row group, and rows read or written at once.
pub(crate) const BATCH: usize = 1 << 16;

const LEAVES: &str = "message leaves {
    required int32 index (INTEGER(32, false));
    required fixed_len_byte_array(32) key;
    required fixed_len_byte_array(32) owner;
    required int64 amount (INTEGER(64, false));
}";
const POSITIONS: &str = "message positions {
    required fixed_len_byte_array(32) key;
    required fixed_len_byte_array(32) owner;
    required int64 amount (INTEGER(64, false));
}";

/// A table being written.
pub(crate) struct Writer<W: Write + Send> {
    file: SerializedFileWriter<W>,
    with_index: bool,
}

impl<W: Write + Send> Writer<W> {
    /// A table of leaves, with their index, or of positions.
    pub(crate) fn new(out: W, with_index: bool, notes: &[(&str, String)]) -> Result<Self, ParquetError> {
        let schema = parse_message_type(if with_index { LEAVES } else { POSITIONS })?;
        let notes = notes
            .iter()
            .map(|(name, value)| KeyValue::new((*name).into(), value.clone()));
        let properties = WriterProperties::builder()
            .set_created_by("bulkhead".into())
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_column_statistics_enabled("owner".into(), EnabledStatistics::None)
            .set_statistics_truncate_length(None)
            .set_offset_index_disabled(true)
            .set_key_value_metadata(Some(notes.collect()))
            .build();
        Ok(Self {
            file: SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?,
            with_index,
        })
    }

    /// Writes at most [`BATCH`] rows. `indices` belong to leaves, and are empty for positions.
    pub(crate) fn write(&mut self, indices: &[i32], rows: &[Position]) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        let amounts: Vec<i64> = rows.iter().map(|row| row.amount.cast_signed()).collect();
        if self.with_index {
            put::<Int32Type, _>(&mut group, indices)?;
        }
        put::<FixedLenByteArrayType, _>(&mut group, &packed(rows.iter().map(|row| &row.key)))?;
        put::<FixedLenByteArrayType, _>(&mut group, &packed(rows.iter().map(|row| &row.owner)))?;
        put::<Int64Type, _>(&mut group, &amounts)?;
        group.close()?;
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<W, ParquetError> {
        self.file.into_inner()
    }
}

fn put<T: DataType, W: Write + Send>(
    group: &mut parquet::file::writer::SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    let lacking = || ParquetError::General("the schema has no such column".into());
    let mut column = group.next_column()?.ok_or_else(lacking)?;
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

/// One buffer for all columns.
fn packed<'a>(keys: impl Iterator<Item = &'a Pubkey>) -> Vec<FixedLenByteArray> {
    let bytes: Bytes = keys.flat_map(|key| key.to_bytes()).collect::<Vec<u8>>().into();
    (0..bytes.len() / 32)
        .map(|at| ByteArray::from(bytes.slice(32 * at..32 * at + 32)).into())
        .collect()
}

/// Receives the first row's number, counted from 1, the indices if the table has them, and the rows.
type Each<'a> = dyn FnMut(u64, Option<&[u32]>, &[Position]) -> Result<(), Error> + 'a;

/// What a reader may do with arbitrary input: return it, refuse it, or panic. The Parquet library panics on some
/// damaged files.
fn caught<T>(file: &Path, row: u64, read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, Error> {
    quiet::catch(read)
        .unwrap_or_else(|panic| Err(ParquetError::General(format!("damaged: {panic}"))))
        .map_err(|error| damaged(file, row, &error))
}

/// Reads a table batch by batch. Columns are found by name, ignoring case and surrounding spaces. Other columns are
/// ignored.
pub(crate) fn read(
    file: &Path,
    mut each: impl FnMut(u64, Option<&[u32]>, &[Position]) -> Result<(), Error>,
) -> Result<u64, Error> {
    read_with(file, &mut each)
}

fn read_with(file: &Path, each: &mut Each<'_>) -> Result<u64, Error> {
    let source = file::open(file)?;
    let reader = caught(file, 0, || SerializedFileReader::new(source))?;
    let names: Vec<String> = {
        let schema = reader.metadata().file_metadata().schema_descr();
        (0..schema.num_columns())
            .map(|at| schema.column(at).path().string())
            .collect()
    };
    let column = |name| file::column(file, &names, name);
    let required = |name| {
        column(name)?.ok_or(Error::MissingColumn {
            file: file.to_owned(),
            column: name,
        })
    };
    let (key, owner, amount, index) = (
        required("key")?,
        required("owner")?,
        required("amount")?,
        column("index")?,
    );
    let mut done = 0u64;
    for group in 0..reader.num_row_groups() {
        let (mut keys, mut owners, mut amounts, mut indices, rows) = caught(file, done, || {
            let group = reader.get_row_group(group)?;
            let indices = index.map(|at| Column::open(&*group, at)).transpose()?;
            let rows = u64::try_from(group.metadata().num_rows());
            Ok((
                Column::open(&*group, key)?,
                Column::open(&*group, owner)?,
                Column::open(&*group, amount)?,
                indices,
                rows.map_err(|_| ParquetError::General("a row group with a negative number of rows".into()))?,
            ))
        })?;
        let end = done.checked_add(rows).ok_or_else(|| {
            damaged(
                file,
                done,
                &ParquetError::General("more rows than can be counted".into()),
            )
        })?;
        while done < end {
            let first = done + 1;
            let len = usize::try_from(end - done).unwrap_or(BATCH).min(BATCH);
            let (keys, owners, amounts, indices) = caught(file, done, || {
                let indices = indices.as_mut().map(|column| column.amounts(len)).transpose()?;
                Ok((keys.keys(len)?, owners.keys(len)?, amounts.amounts(len)?, indices))
            })?;
            let keys = keys.placed(file, first)?;
            let owners = owners.placed(file, first)?;
            let amounts = amounts.placed(file, first)?;
            let indices = indices.map(|indices| indices.placed(file, first)).transpose()?;
            let index_count = indices.as_ref().map_or(len, Vec::len);
            if [keys.len(), owners.len(), amounts.len(), index_count] != [len; 4] {
                return Err(damaged(
                    file,
                    done,
                    &ParquetError::EOF("columns of different lengths".into()),
                ));
            }
            let batch: Vec<_> = keys
                .into_iter()
                .zip(owners)
                .zip(amounts)
                .map(|((key, owner), amount)| Position { key, owner, amount })
                .collect();
            let indices = indices.map(|all| {
                all.iter()
                    .map(|index| u32::try_from(*index).unwrap_or(u32::MAX))
                    .collect::<Vec<_>>()
            });
            each(first, indices.as_deref(), &batch)?;
            done += len as u64;
        }
    }
    Ok(done)
}

/// A file without its last four bytes was truncated. With them, it is damaged inside, or is not Parquet.
fn damaged(file: &Path, row: u64, error: &ParquetError) -> Error {
    let mark = |bytes: std::io::Result<[u8; 4]>| matches!(bytes, Ok(bytes) if &bytes == b"PAR1");
    let begins = mark(File::open(file).and_then(|mut file| {
        let mut bytes = [0; 4];
        file.read_exact(&mut bytes).map(|()| bytes)
    }));
    let ends = mark(File::open(file).and_then(|mut file| {
        let mut bytes = [0; 4];
        // The magic number at the beginning differs from the one at the end.
        let end = file.seek(SeekFrom::End(-4))?;
        file.read_exact(&mut bytes)
            .map(|()| if end < 8 { [0; 4] } else { bytes })
    }));
    let reason = error.to_string();
    if begins && (!ends || matches!(error, ParquetError::EOF(_))) {
        Error::TruncatedParquet {
            place: Place {
                file: file.to_owned(),
                row,
            },
            reason,
        }
    } else {
        Error::BadParquet {
            file: file.to_owned(),
            reason,
        }
    }
}

/// A column of one row group, and the type of its integers.
struct Column {
    reader: ColumnReader,
    nullable: bool,
    signed: bool,
    is_text: bool,
}

/// Values, or which one is invalid and why.
struct Values<T>(Result<Vec<T>, (usize, String)>);

impl<T> Values<T> {
    fn placed(self, file: &Path, first: u64) -> Result<Vec<T>, Error> {
        self.0
            .map_err(|(at, reason)| Error::bad_row(file, first + at as u64, reason))
    }

    fn of<S>(values: Vec<Option<S>>, column: &str, turn: impl Fn(&S) -> Result<T, String>) -> Self {
        let turned = values.iter().enumerate().map(|(at, value)| match value {
            Some(value) => turn(value).map_err(|reason| (at, format!("{column}: {reason}"))),
            None => Err((at, format!("{column} is null"))),
        });
        Self(turned.collect())
    }
}

impl Column {
    fn open(group: &dyn RowGroupReader, at: usize) -> Result<Self, ParquetError> {
        let description = group.metadata().column(at).column_descr_ptr();
        if description.max_rep_level() != 0 || description.max_def_level() > 1 {
            return Err(ParquetError::General(format!(
                "column {} is nested",
                description.name()
            )));
        }
        let unsigned = matches!(
            description.logical_type_ref(),
            Some(LogicalType::Integer(integer)) if !integer.is_signed
        );
        Ok(Self {
            reader: group.get_column_reader(at)?,
            nullable: description.max_def_level() == 1,
            signed: !unsigned,
            is_text: matches!(description.logical_type_ref(), Some(LogicalType::String)),
        })
    }

    /// 32 bytes, or their text form.
    fn keys(&mut self, len: usize) -> Result<Values<Pubkey>, ParquetError> {
        let (nullable, is_text) = (self.nullable, self.is_text);
        let turn = |bytes: &[u8]| match (<[u8; 32]>::try_from(bytes), std::str::from_utf8(bytes)) {
            (Ok(key), _) if !is_text => Ok(Pubkey::new_from_array(key)),
            (_, Ok(text)) => parse_key(text),
            _ => Err("neither 32 bytes nor text".to_owned()),
        };
        Ok(match &mut self.reader {
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                Values::of(take(reader, len, nullable)?, "key or owner", |value| turn(value.data()))
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                Values::of(take::<ByteArrayType>(reader, len, nullable)?, "key or owner", |value| {
                    turn(value.data())
                })
            }
            _ => return Err(ParquetError::General("key and owner are not bytes".into())),
        })
    }

    fn amounts(&mut self, len: usize) -> Result<Values<u64>, ParquetError> {
        let (nullable, signed) = (self.nullable, self.signed);
        Ok(match &mut self.reader {
            ColumnReader::Int64ColumnReader(reader) => Values::of(take(reader, len, nullable)?, "amount", |value| {
                if signed && *value < 0 {
                    return Err(format!("{value} is negative"));
                }
                Ok(value.cast_unsigned())
            }),
            ColumnReader::Int32ColumnReader(reader) => Values::of(take(reader, len, nullable)?, "amount", |value| {
                if signed && *value < 0 {
                    return Err(format!("{value} is negative"));
                }
                Ok(value.cast_unsigned().into())
            }),
            _ => {
                return Err(ParquetError::General(format!(
                    "amount and index are {} or {}",
                    Type::INT64,
                    Type::INT32
                )));
            }
        })
    }
}

fn take<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    len: usize,
    nullable: bool,
) -> Result<Vec<Option<T::T>>, ParquetError> {
    let (mut values, mut levels) = (Vec::with_capacity(len), vec![]);
    let mut records = 0;
    while records < len {
        let levels = if nullable { Some(&mut levels) } else { None };
        let (more, ..) = reader.read_records(len - records, levels, None, &mut values)?;
        if more == 0 {
            return Err(ParquetError::EOF("a column ends early".into()));
        }
        records += more;
    }
    let mut values = values.into_iter();
    Ok(if nullable {
        levels
            .iter()
            .map(|level| if *level == 0 { None } else { values.next() })
            .collect()
    } else {
        values.map(Some).collect()
    })
}
